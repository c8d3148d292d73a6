import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as z from 'zod';
import { startFramework } from '../local/framework-process.ts';
import type { Deploy, Probe } from './made-up-gcloud.ts';
import { copyUpload, filesToUpload } from './upload.ts';

const packageJson = z.object({ main: z.string(), dependencies: z.record(z.string(), z.string()) });

/**
 * Does in `folder` what Google's Node.js buildpack does: installs with development packages, runs gcp-build, prunes to
 * production, and checks `main`.
 * @throws Error where the buildpack would fail
 */
const buildLikeGoogle = async (folder: string): Promise<void> => {
  const run = (NODE_ENV: string, command: string, ...args: readonly string[]) =>
    promisify(execFile)(command, args, { cwd: folder, env: { ...process.env, NODE_ENV } });
  const { main, dependencies } = packageJson.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  if (dependencies['@google-cloud/functions-framework'] === undefined) {
    throw new Error('the buildpack needs @google-cloud/functions-framework among the dependencies');
  }
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  await run('development', 'npm', 'ci', ...quiet);
  await run('development', 'npm', 'run', '--silent', 'gcp-build');
  await run('production', 'npm', 'prune', '--omit=dev', ...quiet);
  await run('production', process.execPath, '--check', main);
};

/** Where Google's image has the project; the deployed settings name it. */
const ROOT = /\/workspace/g;

/** Asks as Cloud Run does. @returns whether it answered well in time */
const isStarted = async (url: string, { path, periodSeconds, failureThreshold }: Probe): Promise<boolean> => {
  for (let attempt = 0; attempt < failureThreshold; attempt += 1) {
    const answer = await fetch(url + path).catch(() => undefined);
    if (answer?.ok) return true;
    await pause(periodSeconds * 1_000);
  }
  return false;
};

/**
 * Uploads, builds and starts functions as Google does. The same source is built once: nine functions of one release
 * are the same files.
 * @param root a folder that keeps what is built
 */
export const createDeploy = (root: string): Deploy => {
  const builds = new Map<string, Promise<string>>();

  const build = async (source: string): Promise<string> => {
    const built = mkdtempSync(join(root, 'build-'));
    const { files, bytes } = copyUpload(source, built);
    console.log(`          uploaded ${files} files, ${Math.round(bytes / 1024)} KiB; npm ci, gcp-build, npm prune`);
    await buildLikeGoogle(built);
    return built;
  };

  const buildOnce = (source: string): Promise<string> => {
    const hash = createHash('sha256');
    for (const file of filesToUpload(source)) hash.update(`${file}\n`).update(readFileSync(join(source, file)));
    const key = hash.digest('hex');
    const known = builds.get(key) ?? build(source);
    builds.set(key, known);
    return known;
  };

  return async ({ folder, name, target, env, probe }) => {
    const built = await buildOnce(folder);
    const given = Object.entries(env).map(([key, value]) => [key, value.replaceAll(ROOT, built)]);
    const running = await startFramework(target, {
      folder: built,
      source: null,
      base: { PATH: process.env.PATH, HOME: process.env.HOME },
      env: { NODE_ENV: 'production', FUNCTION_TARGET: target, K_SERVICE: name, ...Object.fromEntries(given) },
    });
    if (await isStarted(running.url, probe)) return running;
    await running.stop();
    throw new Error(`the startup probe of ${name} failed:\n${running.output().trim()}`);
  };
};

import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as z from 'zod';
import { startFramework } from '../local/framework-process.ts';
import type { Deploy, Probe } from './made-up-gcloud.ts';

/**
 * The files that gcloud uploads from `folder`. An ignore file has the rules of .gitignore, so Git itself applies them,
 * from an empty repository in which every file is untracked.
 */
export const filesToUpload = (folder: string, ignoreFile = '.gcloudignore'): string[] => {
  const repository = mkdtempSync(join(tmpdir(), 'rehearse-git-'));
  try {
    execFileSync('git', ['init', '--quiet', '--bare', repository]);
    const list = ['ls-files', '-z', '--others', `--exclude-from=${resolve(folder, ignoreFile)}`];
    const git = [`--git-dir=${repository}`, `--work-tree=${resolve(folder)}`];
    const printed = execFileSync('git', [...git, ...list], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
    return printed.split('\0').filter((file) => file !== '');
  } finally {
    rmSync(repository, { recursive: true, force: true });
  }
};

/** Copies what gcloud would upload into `target`. @returns the number of files, and their size in bytes */
export const copyUpload = (folder: string, target: string, ignoreFile?: string) => {
  const files = filesToUpload(folder, ignoreFile);
  for (const file of files) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(folder, file), join(target, file));
  }
  return { files: files.length, bytes: files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0) };
};

const packageJson = z.object({ main: z.string(), dependencies: z.record(z.string(), z.string()) });

/**
 * Builds in `folder` like Google's Node.js buildpack: installs with development packages, runs gcp-build, prunes to
 * production, and checks `main`.
 * @throws Error where the buildpack would fail
 */
const buildLikeGoogle = async (folder: string): Promise<void> => {
  const run = (NODE_ENV: string, command: string, ...args: readonly string[]) =>
    promisify(execFile)(command, args, { cwd: folder, env: { ...process.env, NODE_ENV } });
  const { main, dependencies } = packageJson.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  if (dependencies['@google-cloud/functions-framework'] === undefined) {
    throw new Error('The buildpack needs @google-cloud/functions-framework in the dependencies.');
  }
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  await run('development', 'npm', 'ci', ...quiet);
  await run('development', 'npm', 'run', '--silent', 'gcp-build');
  await run('production', 'npm', 'prune', '--omit=dev', ...quiet);
  await run('production', process.execPath, '--check', main);
};

/** Probes like Cloud Run. @returns whether the function answered successfully in time */
const isStarted = async (url: string, { path, periodSeconds, failureThreshold }: Probe): Promise<boolean> => {
  for (let attempt = 0; attempt < failureThreshold; attempt += 1) {
    const response = await fetch(url + path).catch(() => undefined);
    if (response?.ok) return true;
    await pause(periodSeconds * 1_000);
  }
  return false;
};

/**
 * Uploads, builds and starts functions like Google. All functions of one release share one build of its folder.
 * @param root a folder for the builds
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

  return async ({ folder, name, target, env, probe }) => {
    const building = builds.get(folder) ?? build(folder);
    builds.set(folder, building);
    const built = await building;
    // The settings name the folder of Google's image.
    const given = Object.entries(env).map(([key, value]) => [key, value.replaceAll('/workspace', built)]);
    const running = await startFramework(target, {
      folder: built,
      source: null,
      base: { PATH: process.env.PATH, HOME: process.env.HOME },
      env: { NODE_ENV: 'production', FUNCTION_TARGET: target, K_SERVICE: name, ...Object.fromEntries(given) },
    });
    if (await isStarted(running.url, probe)) return running;
    await running.stop();
    throw new Error(`The startup probe of ${name} failed:\n${running.output().trim()}`);
  };
};

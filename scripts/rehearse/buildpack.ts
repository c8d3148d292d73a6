import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const packageJson = z.object({
  main: z.string(),
  engines: z.object({ node: z.string() }),
  dependencies: z.record(z.string(), z.string()),
});

const run = (folder: string, env: Readonly<Record<string, string>>, command: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
};

/**
 * Does in `folder` what Google's Node.js buildpack does: installs with development packages, runs gcp-build, prunes to
 * production, and checks `main`.
 * @throws Error where the buildpack would fail
 */
export const buildLikeGoogle = (folder: string, print: (line: string) => void): void => {
  const { main, engines, dependencies } = packageJson.parse(
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
  );
  if (dependencies['@google-cloud/functions-framework'] === undefined) {
    throw new Error('the buildpack wants @google-cloud/functions-framework among the dependencies');
  }
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  print(`npm ci, for node ${engines.node}`);
  run(folder, { NODE_ENV: 'development' }, 'npm', 'ci', ...quiet);
  print('npm run gcp-build');
  run(folder, { NODE_ENV: 'development' }, 'npm', 'run', '--silent', 'gcp-build');
  print('npm prune --production');
  run(folder, { NODE_ENV: 'production' }, 'npm', 'prune', '--omit=dev', ...quiet);
  print(`node --check ${main}`);
  run(folder, {}, process.execPath, '--check', main);
};

/** Bytes of all files under `folder`. */
export const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);

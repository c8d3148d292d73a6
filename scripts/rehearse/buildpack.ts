import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

const packageJson = z.object({
  main: z.string(),
  engines: z.object({ node: z.string() }),
  dependencies: z.record(z.string(), z.string()),
});

/**
 * Does in `folder` what Google's Node.js buildpack does: installs with development packages, runs gcp-build, prunes to
 * production, and checks `main`.
 * @throws Error where the buildpack would fail
 */
export const buildLikeGoogle = async (folder: string): Promise<void> => {
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

import { spawnSync } from 'node:child_process';
import type { Step } from './plan.ts';

/** More than gcloud has ever said. A program that writes more is ended. */
const LARGEST_STDERR_BYTES = 64 * 1024 * 1024;

/**
 * Runs one step with this terminal as its own. With `isDoneWhen`, its errors are shown when it has ended.
 * @throws Error with one line for a person
 */
export const run = ({ command: [program, ...args], isDoneWhen }: Pick<Step, 'command' | 'isDoneWhen'>): void => {
  const { status, signal, stderr, error } = spawnSync(program, args, {
    stdio: ['inherit', 'inherit', isDoneWhen === undefined ? 'inherit' : 'pipe'],
    encoding: 'utf8',
    maxBuffer: LARGEST_STDERR_BYTES,
  });
  process.stderr.write(stderr ?? '');
  if (error !== undefined) {
    const isMissing = 'code' in error && error.code === 'ENOENT';
    const what = isMissing ? 'was not found: install it and sign in' : `could not be run: ${error.message}`;
    throw new Error(`${program} ${what}`);
  }
  if (status === 0 || (isDoneWhen !== undefined && stderr.includes(isDoneWhen))) return;
  throw new Error(
    `${program} failed with ${signal ?? `status ${status}`}; fix the cause and run the same command again`,
  );
};

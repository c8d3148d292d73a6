import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { killAfterDeath } from './end-with-parent.ts';
import { isRunning, waitUntilServing } from './processes.ts';

const FRAMEWORK = 'node_modules/@google-cloud/functions-framework/build/src/main.js';
const WATCHED = ['--watch-path=functions', '--watch-path=shared', '--watch-preserve-output'];

interface ServerOptions {
  readonly target: string;
  readonly port: number;
  readonly watch: boolean;
}

/**
 * Starts the real functions-framework on the sources and waits until it serves.
 * @throws Error when it ends before that; it has said why
 */
export const startServer = async ({ target, port, watch }: ServerOptions) => {
  const framework = [FRAMEWORK, `--target=${target}`, '--source=functions/index.ts', `--port=${port}`];
  // `production` keeps the framework from printing an address of its own; ours are in the banner.
  const child = spawn(process.execPath, [...(watch ? WATCHED : []), ...framework], {
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const ended = once(child, 'exit').then(([code]) => Number(code ?? 1));
  const forget = child.pid === undefined ? () => {} : killAfterDeath(child.pid);
  if (!(await waitUntilServing(child, port))) throw new Error('The functions did not start; the line above says why.');
  return {
    ended,
    stop: async (): Promise<void> => {
      if (isRunning(child)) child.kill('SIGTERM');
      await ended;
      forget();
    },
  };
};

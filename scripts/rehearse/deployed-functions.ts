import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../local/free-port.ts';
import { isRunning, waitUntilServing } from '../local/processes.ts';

export interface StartedFunction {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** What Cloud Run gives a function, and where Redis is; nothing of the caller's own environment. */
const environment = (target: string, port: number, redisUrl: string) => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  NODE_ENV: 'production',
  FUNCTION_TARGET: target,
  PORT: String(port),
  REDIS_URL: redisUrl,
});

/** Starts one function of the built `folder` with the framework's own command, as the buildpack's image does. */
export const startBuilt = async (folder: string, target: string, redisUrl: string): Promise<StartedFunction> => {
  const port = await freePort();
  const command = 'node_modules/@google-cloud/functions-framework/build/src/main.js';
  const child = spawn(process.execPath, [command], { cwd: folder, env: environment(target, port, redisUrl) });
  const ended = once(child, 'close');
  let printed = '';
  const read = (chunk: Buffer) => {
    printed += chunk;
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  if (!(await waitUntilServing(child, port))) {
    await ended;
    throw new Error(`${target} did not start:\n${printed}`);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      if (isRunning(child)) child.kill('SIGTERM');
      await ended;
    },
  };
};

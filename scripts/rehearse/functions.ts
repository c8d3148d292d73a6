import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../shared/testing/free-port.ts';

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
  const listening = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk;
      if (printed.includes('URL: ')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('close', () => reject(new Error(`${target} did not start:\n${printed}`)));
  });
  // The framework announces nothing in production: whoever answers is there.
  const answering = (async () => {
    while (child.exitCode === null) {
      const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
      if (answer !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await Promise.race([listening, answering]);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
};

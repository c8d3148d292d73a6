import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { isRunning } from '../local/processes.ts';
import type { StartOptions } from '../local/start-options.ts';
import { startProxy } from '../testing/tcp-proxy.ts';
import { createButtons, type Parts } from './console-buttons.ts';

const fromConsole = z.union([z.object({ url: z.url() }), z.object({ call: z.int(), press: z.string().optional() })]);

/** A fixed distance from the port of `npm start`, so the console can be bookmarked. */
const PORTS_ABOVE = 1_000;

/**
 * Starts the console in its own process, which exits with this one and asks this one to carry out its buttons.
 * @returns its URL, and the environment variables that make the functions report to it
 */
export const startConsole = async ({ port, target }: StartOptions, parts: Parts) => {
  // Only the functions go through the proxy. The console connects to Redis directly, so its buttons do not affect it.
  const proxy = parts.redis && (await startProxy(process.env.REDIS_URL ?? ''));
  const buttons = createButtons(parts, proxy);
  const folder = await mkdtemp(join(tmpdir(), 'console-'));
  const socket = join(folder, 'requests.sock');
  const child = fork(join(import.meta.dirname, 'serve-console.ts'), [socket, String(port + PORTS_ABOVE), target], {
    detached: true,
  });
  const listening = Promise.withResolvers<string>();
  child.once('exit', () =>
    listening.reject(new Error('The console did not start. Try without it: npm start -- --no-console')),
  );
  child.on('message', async (text) => {
    const message = fromConsole.parse(text);
    if ('url' in message) return listening.resolve(message.url);
    const outcome = message.press === undefined ? undefined : await buttons.press(message.press);
    if (child.connected) child.send({ call: message.call, outcome, buttons: buttons.rows() });
  });
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    if (isRunning(child)) await once(child, 'exit');
    await proxy?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const env = { CONSOLE_SOCKET: socket, ...(proxy && { REDIS_URL: proxy.url }) };
    return { url: await listening.promise, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

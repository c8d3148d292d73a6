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

/** The port of `npm start` and this: one that can be kept as a bookmark. */
const PORTS_ABOVE = 1_000;

/**
 * Starts the console in a process of its own, which ends with this one, and asks this one for what only `npm start` can
 * do. It listens 1000 above the port of `npm start`, or at a free port.
 * @returns its URL, and the settings with which the functions tell it what they do
 */
export const startConsole = async ({ port, target }: StartOptions, parts: Parts) => {
  // The console reads Redis itself; only the functions come by way of what it can break.
  const proxy = parts.redis && (await startProxy(process.env.REDIS_URL ?? ''));
  const buttons = createButtons(parts, proxy);
  const folder = await mkdtemp(join(tmpdir(), 'console-'));
  const CONSOLE_SOCKET = join(folder, 'requests.sock');
  const settings = { CONSOLE_SOCKET, CONSOLE_PORT: String(port + PORTS_ABOVE), CONSOLE_TARGET: target };
  const child = fork(join(import.meta.dirname, 'serve-console.ts'), [], {
    detached: true,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { promise: listening, resolve, reject } = Promise.withResolvers<string>();
  child.once('exit', () => reject(new Error('The console did not start. Without it: npm start -- --no-console')));
  child.on('message', async (text) => {
    const message = fromConsole.parse(text);
    if ('url' in message) return resolve(message.url);
    const outcome = message.press === undefined ? '' : await buttons.press(message.press);
    if (child.connected) child.send({ call: message.call, outcome, buttons: buttons.shown() });
  });
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    if (isRunning(child)) await once(child, 'exit');
    await proxy?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { url: await listening, env: { CONSOLE_SOCKET, ...(proxy && { REDIS_URL: proxy.url }) }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartOptions } from '../local/start-options.ts';
import { startProxy } from '../testing/tcp-proxy.ts';
import { createButtons, type Parts } from './console-buttons.ts';
import { recordRequests } from './recorded-requests.ts';
import { serveConsole } from './serve-console.ts';

/** The port of `npm start` and this: one that can be kept as a bookmark. */
const PORTS_ABOVE = 1_000;

interface ConsoleParts extends Omit<Parts, 'redis'> {
  readonly redis: { readonly empty: () => Promise<unknown> } | undefined;
}

/**
 * Starts the console 1000 above the port of `npm start`, or at a free port.
 * @returns its URL, and the settings with which the functions tell it what they do
 */
export const startConsole = async ({ port, target }: StartOptions, { redis, ...others }: ConsoleParts) => {
  // The console reads Redis itself; only the functions come by way of what it can break.
  const proxy = redis && (await startProxy(process.env.REDIS_URL ?? ''));
  const buttons = createButtons({ ...others, redis: proxy && redis && { proxy, empty: redis.empty } });
  const folder = await mkdtemp(join(tmpdir(), 'console-'));
  const socket = join(folder, 'requests.sock');
  const { url, stop } = await serveConsole(port + PORTS_ABOVE, target, buttons, await recordRequests(socket));
  return {
    url: url.replace('127.0.0.1', 'localhost'),
    env: { CONSOLE_SOCKET: socket, ...(proxy && { REDIS_URL: proxy.url }) },
    stop: async (): Promise<void> => {
      await stop();
      await proxy?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

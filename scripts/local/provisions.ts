import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from '../../shared/config/config.ts';
import { startMadeUpFeed } from './made-up-feed.ts';
import { startRedis } from './redis-server.ts';
import type { StartOptions } from './start-options.ts';

const nothing = async (): Promise<void> => {};
const DATA = join(import.meta.dirname, '..', '..', '.cache', 'data');

/** A Redis whose data outlives it. Data that it cannot read is put aside. */
const startKeptRedis = async (port: number) => {
  // Two commands may run side by side, on two ports; two servers must not write one file.
  const dir = join(DATA, String(port));
  const options = { dir, config: { appendonly: 'yes' } };
  await mkdir(dir, { recursive: true });
  try {
    return { redis: await startRedis(options), note: `kept in .cache/data/${port}` };
  } catch {
    const aside = `${dir}-unreadable-${Date.now()}`;
    await rename(dir, aside);
    await mkdir(dir);
    return { redis: await startRedis(options), note: `empty: what was kept cannot be read, and is now in ${aside}` };
  }
};

/** The Redis of the settings, else one that lives as long as this command. */
export const provideRedis = async ({ keep, port }: StartOptions) => {
  if (process.env.REDIS_URL || process.env.REDISHOST) {
    const { redis } = config();
    return { name: `yours, at ${redis.host}:${redis.port}`, stop: nothing, own: undefined };
  }
  const { redis, note } = keep
    ? await startKeptRedis(port)
    : { redis: await startRedis(), note: 'empty at each start (--keep keeps its data)' };
  process.env.REDIS_URL = redis.url;
  // What the console may do to it. What the user gave stays as it is.
  const own = { empty: () => redis.admin('FLUSHALL') };
  return { name: `throw-away, ${note}: ${redis.description}, ${redis.url}`, stop: redis.stop, own };
};

/** The feed that was asked for, else one made up here, which its name says. */
export const provideFeed = async ({ live, feed }: StartOptions) => {
  process.env.FEED = feed ?? (process.env.FEED || (live ? 'kraken' : 'senticrypt'));
  const name = process.env.FEED;
  const setting = name === 'kraken' ? 'KRAKEN_URL' : 'SENTICRYPT_URL';
  const theirs = { stop: nothing, own: undefined };
  if (process.env[setting]) return { name: `${name}, from ${process.env[setting]}`, ...theirs };
  if (live) return { name: `${name}, the real one`, ...theirs };
  const made = await startMadeUpFeed();
  process.env.SENTICRYPT_URL = made.senticryptUrl;
  process.env.KRAKEN_URL = made.krakenUrl;
  const note = 'the last 24 hours, no real prices (--live for real ones)';
  return { name: `MADE UP here, in the form of ${name}: ${note}`, stop: made.stop, own: made };
};

import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from '../../shared/config/config.ts';
import { startMadeUpFeed } from './made-up-feed.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import type { StartOptions } from './start-options.ts';

/** Something that the functions need, what to call it, and how to end it. */
interface Provision {
  readonly name: string;
  readonly stop: () => Promise<void>;
}

/** What the console may do to what this command made. What the user gave stays as it is. */
interface RedisProvision extends Provision {
  readonly own?: { readonly empty: () => Promise<unknown> };
}
interface FeedProvision extends Provision {
  readonly own?: { readonly breakDown: (broken: boolean) => void };
}

const nothing = async (): Promise<void> => {};
const DATA = join(import.meta.dirname, '..', '..', '.cache', 'data');

/** A Redis whose data outlives it. Data that it cannot read is put aside. */
const startKeptRedis = async (port: number): Promise<{ redis: RedisServer; note: string }> => {
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
export const provideRedis = async ({ keep, port }: StartOptions): Promise<RedisProvision> => {
  if (process.env.REDIS_URL || process.env.REDISHOST) {
    const { redis } = config();
    return { name: `yours, at ${redis.host}:${redis.port}`, stop: nothing };
  }
  const { redis, note } = keep
    ? await startKeptRedis(port)
    : { redis: await startRedis(), note: 'empty at each start (--keep keeps its data)' };
  process.env.REDIS_URL = redis.url;
  const own = { empty: () => redis.admin('FLUSHALL') };
  return { name: `throw-away, ${note}: ${redis.description}, ${redis.url}`, stop: redis.stop, own };
};

/** The feed that was asked for, else one made up here, which its name says. */
export const provideFeed = async ({ live, feed }: StartOptions): Promise<FeedProvision> => {
  process.env.FEED = feed ?? (process.env.FEED || (live ? 'kraken' : 'senticrypt'));
  const name = process.env.FEED;
  const setting = name === 'kraken' ? 'KRAKEN_URL' : 'SENTICRYPT_URL';
  if (process.env[setting]) return { name: `${name}, from ${process.env[setting]}`, stop: nothing };
  if (live) return { name: `${name}, the real one`, stop: nothing };
  const made = await startMadeUpFeed();
  process.env.SENTICRYPT_URL = made.senticryptUrl;
  process.env.KRAKEN_URL = made.krakenUrl;
  const note = 'the last 24 hours, no real prices (--live for real ones)';
  return { name: `MADE UP here, in the form of ${name}: ${note}`, stop: made.stop, own: made };
};

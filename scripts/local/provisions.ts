import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from '../../shared/config/config.ts';
import { startMadeUpFeed } from './made-up-feed.ts';
import { messageOf } from './message-of.ts';
import { startRedis } from './redis-server.ts';
import type { StartOptions } from './start-options.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const nothing = { stop: async (): Promise<void> => {}, own: undefined };

/** A Redis whose data survives it. There is a folder for each port, because two servers must not write to one file. */
const startKeptRedis = async (port: number) => {
  const folder = `.cache/data/${port}`;
  const dir = join(ROOT, folder);
  await mkdir(dir, { recursive: true });
  try {
    return { redis: await startRedis({ dir, config: { appendonly: 'yes' } }), note: `data is kept in ${folder}` };
  } catch (error) {
    throw new Error(
      `${messageOf(error)}\nIf Redis cannot read the data kept in ${folder}, move or delete that folder.`,
    );
  }
};

/** The Redis of the settings, or else a throw-away one. */
export const provideRedis = async ({ keep, port }: StartOptions) => {
  if (process.env.REDIS_URL || process.env.REDISHOST) {
    const { host, port: theirs } = config().redis;
    return { name: `yours, at ${host}:${theirs}`, ...nothing };
  }
  const { redis, note } = keep
    ? await startKeptRedis(port)
    : { redis: await startRedis(), note: 'starts empty; --keep keeps its data' };
  process.env.REDIS_URL = redis.url;
  const own = { empty: () => redis.admin('FLUSHALL') };
  return { name: `throw-away (${note}): ${redis.description}, ${redis.url}`, stop: redis.stop, own };
};

/** The feed that was asked for, or else a made-up one, as its name says. */
export const provideFeed = async ({ live, feed }: StartOptions) => {
  const name = feed ?? (process.env.FEED || (live ? 'kraken' : 'senticrypt'));
  process.env.FEED = name;
  const theirs = process.env[name === 'kraken' ? 'KRAKEN_URL' : 'SENTICRYPT_URL'];
  if (theirs) return { name: `${name}, from ${theirs}`, ...nothing };
  if (live) return { name: `${name}, the real one`, ...nothing };
  const own = await startMadeUpFeed();
  process.env.SENTICRYPT_URL = own.senticryptUrl;
  process.env.KRAKEN_URL = own.krakenUrl;
  return {
    name: `MADE UP: the last 24 hours in the format of ${name}, no real prices (--live for real ones)`,
    stop: own.stop,
    own,
  };
};

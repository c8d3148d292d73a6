import { randomUUID } from 'node:crypto';
import { config } from '../config/config.ts';
import { cacheTag } from '../hooks.ts';
import { redis, runScript, script } from '../redis/index.ts';

/*
 * Each tag of cached answers has a generation in Redis: a random text, so that none occurs twice. Deleting the generation
 * empties the tag. A full Redis allows that, and an eviction has the same effect.
 */

export const generationKey = (tag: string): string => `kept-tag:${tag}`;

/** Longer than a write may take with the default settings. */
const MARK_MS = '1000';

/**
 * KEYS: generation. ARGV: a random text, its lifetime in milliseconds. A script because a full Redis refuses a SET unless the
 * same step has deleted something.
 */
const MARK = script(`
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
`);

/**
 * Empties a tag. Once it returns, no instance serves an answer with this tag that was computed before. On a cluster the next
 * generation expires by itself, and with it every answer computed in its lifetime.
 * @throws Problem redis-unavailable
 */
export const emptyTag = async (tag: string): Promise<void> => {
  const key = generationKey(tag);
  const isCluster = config().redis.cluster;
  await redis((client) => (isCluster ? runScript(client, MARK, [key], [randomUUID(), MARK_MS]) : client.del(key)), {
    retry: true,
  });
};

/** Runs a script that writes. The script deletes the keys it is given, in the same step. */
export type Emptying = <T>(write: (generations: readonly string[]) => Promise<T>) => Promise<T>;

/**
 * A tag for answers that are made of what one module writes, and how that module's writes empty it. On one node that
 * happens in the same step, without another trip. On a cluster the two keys are on different nodes, so the tag is emptied
 * twice: beside the write, for answers computed during it, and after it. If the process dies in between, old answers stay
 * until the generation ends: for a second, or as long as the write itself took. If a failover loses the generation but
 * not the write, they stay for the rest of their lifetime.
 */
export const emptiedTag = (name: string): { readonly tag: string; readonly emptying: Emptying } => {
  const generations = [generationKey(name)];
  const emptyAround: Emptying = async (write) => {
    const [result] = await Promise.all([write([]), emptyTag(name)]);
    await emptyTag(name);
    return result;
  };
  return {
    tag: cacheTag(name),
    emptying: (write) => (config().redis.cluster ? emptyAround(write) : write(generations)),
  };
};

type Empty = () => Promise<void> | void;

const caches: { readonly tag: string; readonly empty: Empty }[] = [];

/** Registers what empties a cache with this tag in this instance. */
export const onEmptyCache = (tag: string, empty: Empty): void => {
  caches.push({ tag, empty });
};

/** Empties everything with this tag, in Redis and in this instance. @throws Problem redis-unavailable */
export const emptyCaches = async (tag: string): Promise<void> => {
  const kept = caches.filter((cache) => cache.tag === tag);
  await Promise.all([emptyTag(tag), ...kept.map(({ empty }) => empty())]);
};

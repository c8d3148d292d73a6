import { randomUUID } from 'node:crypto';
import { config } from '../config/config.ts';
import { cacheTag } from '../hooks.ts';
import { redis, runScript, script } from '../redis/index.ts';

/*
 * Each tag of kept answers has a generation in Redis: a random text, so that none comes twice. To empty a tag is to delete
 * its generation: a full Redis allows that, and one that is lost by eviction empties its tag as well.
 */

export const generationKey = (tag: string): string => `kept-tag:${tag}`;

/** Longer than a write takes with the standard settings, before it fails. */
const MARK_MS = '1000';

/**
 * KEYS: generation. ARGV: a random text, milliseconds that it lives. A script because a full Redis refuses a SET, unless
 * something was deleted in the same step.
 */
const MARK = script(`
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
`);

/**
 * From the moment that it ends, nothing that was computed earlier is given for this tag, by any instance. On a cluster the
 * next generation ends by itself, and with it whatever is computed in its time.
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

/** Has `empty` called whenever the caches with this tag are to be emptied, in this instance. */
export const onEmptyCache = (tag: string, empty: Empty): void => {
  caches.push({ tag, empty });
};

/** Empties what this instance and Redis keep under a tag; nothing when they keep nothing. @throws Problem redis-unavailable */
export const emptyCaches = async (tag: string): Promise<void> => {
  const kept = caches.filter((cache) => cache.tag === tag);
  await Promise.all([emptyTag(tag), ...kept.map(({ empty }) => empty())]);
};

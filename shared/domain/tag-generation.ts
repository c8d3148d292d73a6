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

/** Runs a script that writes; it deletes the keys that it is given, after its own. */
export type Emptying = <T>(write: (generations: string[]) => Promise<T>) => Promise<T>;

/**
 * The tag of answers that are made of what one module writes, and how that module's writes empty it: in the same step,
 * without a further trip. On a cluster the two are on different nodes. There the tag is emptied beside the write, for what
 * is computed while it is under way, and again after it. A process that dies in between leaves old answers until the
 * generation that it began ends: for a second at most, unless the write itself took longer. A failover that loses the
 * generation and not the write leaves them for the rest of their time.
 */
export const emptiedTag = (name: string): { readonly tag: string; readonly emptying: Emptying } => ({
  tag: cacheTag(name),
  emptying: async (write) => {
    if (!config().redis.cluster) return write([generationKey(name)]);
    const [result] = await Promise.all([write([]), emptyTag(name)]);
    await emptyTag(name);
    return result;
  },
});

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

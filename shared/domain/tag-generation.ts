import { config } from '../config/config.ts';
import { redis } from '../redis/index.ts';

/*
 * Each tag of kept answers has a generation in Redis: a random text, so that none comes twice. To empty a tag is to delete
 * its generation: a full Redis allows that, and one that is lost by eviction empties its tag as well.
 */

export const generationKey = (tag: string): string => `kept-tag:${tag}`;

/**
 * From the moment that it ends, nothing that was computed earlier is given for this tag, by any instance.
 * @throws Problem redis-unavailable
 */
export const emptyTag = async (tag: string): Promise<void> => {
  await redis((client) => client.del(generationKey(tag)), { retry: true });
};

/**
 * The key that a script which writes deletes, after its own keys, so that emptying is one step with the write. None on
 * a cluster, where the two are on different nodes: there `emptyAfterScript` follows.
 */
export const emptiedKeys = (tag: string | undefined): string[] =>
  tag === undefined || config().redis.cluster ? [] : [generationKey(tag)];

/**
 * What is still to be done after such a script. On a cluster a process that dies in between leaves the old answers for
 * the rest of their time; so does a failover that loses the deletion and not the write.
 * @throws Problem redis-unavailable
 */
export const emptyAfterScript = async (tag: string | undefined): Promise<void> => {
  if (tag !== undefined && config().redis.cluster) await emptyTag(tag);
};

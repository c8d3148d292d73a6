import { redis, runScript, script } from '../../redis/index.ts';
import { latestKey, progressKey, retentionSeconds, sampleKey } from './samples.ts';

const pauseKey = (source: string) => sampleKey(source, 'rest');

/**
 * KEYS: progress. ARGV: new cursor, fencing number of the writer, seconds to keep both. Reply: 1 moved, 0 a later holder
 * of the lock has written. A script so that no other write comes between the comparison and this one.
 */
const MOVE = script(`
local fence = redis.call('HGET', KEYS[1], 'fence')
if fence and tonumber(fence) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'cursor', ARGV[1], 'fence', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
`);

/** How far a feed has been read and stored. The cursor is kept as long as the samples are. */
export const readProgress = async (source: string) => {
  const [cursor, pauseMs, latestMs] = await redis(
    (client) =>
      Promise.all([
        client.hGet(progressKey(source), 'cursor'),
        client.pTTL(pauseKey(source)),
        client.get(latestKey(source)),
      ]),
    { retry: true },
  );
  return {
    cursor: cursor ?? undefined,
    /** How much longer the feed asked not to be called. */
    pauseSeconds: Math.ceil(Math.max(0, pauseMs) / 1_000),
    /** Time of the latest stored sample in milliseconds since the epoch; undefined when none is stored. */
    latestMs: latestMs === null ? undefined : Number(latestMs),
  };
};

/**
 * Moves the cursor, after the samples before it have been stored.
 * @returns false when another refresh has taken over
 */
export const moveCursor = async (source: string, cursor: string, fence: number): Promise<boolean> => {
  const args = [cursor, String(fence), String(retentionSeconds())];
  return (await redis((client) => runScript(client, MOVE, [progressKey(source)], args))) === 1;
};

/** Stops refreshes from calling a feed for this long. */
export const pauseFeed = async (source: string, seconds: number): Promise<void> => {
  await redis((client) => client.set(pauseKey(source), '1', { expiration: { type: 'EX', value: seconds } }));
};

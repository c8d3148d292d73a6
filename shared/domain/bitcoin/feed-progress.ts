import { config } from '../../config/config.ts';
import { redis, runScript, script } from '../../redis/index.ts';
import { latestKey, progressKey, sampleKey } from './samples.ts';

const restKey = (source: string) => sampleKey(source, 'rest');

/**
 * KEYS: progress. ARGV: new cursor, fencing number of the writer, seconds to keep it. Reply: 1 moved, 0 a later holder
 * of the lock has written. A script because the number must be compared in the step that writes.
 */
const MOVE = script(`
local fence = redis.call('HGET', KEYS[1], 'fence')
if fence and tonumber(fence) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'cursor', ARGV[1], 'fence', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
`);

/** How far a feed has been read, and what of it is stored. A cursor is kept as long as the samples are. */
export const readProgress = async (source: string) => {
  const [cursor, restMs, latestMs] = await redis(
    (client) =>
      Promise.all([
        client.hGet(progressKey(source), 'cursor'),
        client.pTTL(restKey(source)),
        client.get(latestKey(source)),
      ]),
    { retry: true },
  );
  return {
    cursor: cursor ?? undefined,
    /** How long the feed asked to be left alone, from now. */
    restSeconds: Math.ceil(Math.max(0, restMs) / 1_000),
    /** Time of the latest stored sample, milliseconds since the epoch; undefined when nothing is stored. */
    latestMs: latestMs === null ? undefined : Number(latestMs),
  };
};

/**
 * Moves on to `cursor`, after the rows before it have been stored.
 * @returns false when another refresh has taken over
 */
export const moveCursor = async (source: string, cursor: string, fence: number): Promise<boolean> => {
  const seconds = config().sampleRetentionDays * 86_400;
  const args = [cursor, String(fence), String(seconds)];
  return (await redis((client) => runScript(client, MOVE, [progressKey(source)], args))) === 1;
};

/** Leaves a feed alone for as long as it asked for. */
export const restFeed = async (source: string, seconds: number): Promise<void> => {
  await redis((client) => client.set(restKey(source), '1', { expiration: { type: 'EX', value: seconds } }));
};

import { config } from '../../config/config.ts';
import { redis, runScript, script } from '../../redis/index.ts';
import { sampleKey } from './samples.ts';

const cursorKey = (source: string) => sampleKey(source, 'cursor');
const restKey = (source: string) => sampleKey(source, 'rest');

/**
 * KEYS: cursor. ARGV: new cursor, fencing number of the writer, seconds to keep it. Reply: 1 moved, 0 a later holder of
 * the lock has moved it. A script because the number must be compared in the step that writes.
 */
const MOVE = script(`
local fence = redis.call('HGET', KEYS[1], 'fence')
if fence and tonumber(fence) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'cursor', ARGV[1], 'fence', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
`);

/** How far a feed has been read. A cursor is kept as long as samples are: one from before them is of no use. */
export const readProgress = async (source: string) => {
  const [cursor, restMs] = await redis(
    (client) => Promise.all([client.hGet(cursorKey(source), 'cursor'), client.pTTL(restKey(source))]),
    { retry: true },
  );
  return { cursor: cursor ?? undefined, restSeconds: Math.ceil(Math.max(0, restMs) / 1_000) };
};

/**
 * Moves on to `cursor`, after the rows before it have been stored.
 * @returns false when another refresh has taken over, and moved it
 */
export const moveCursor = async (source: string, cursor: string, fence: number): Promise<boolean> => {
  const seconds = config().sampleRetentionDays * 86_400;
  const args = [cursor, String(fence), String(seconds)];
  return (await redis((client) => runScript(client, MOVE, [cursorKey(source)], args))) === 1;
};

/** Leaves a feed alone for as long as it asked for. */
export const restFeed = async (source: string, seconds: number): Promise<void> => {
  await redis((client) => client.set(restKey(source), '1', { expiration: { type: 'EX', value: seconds } }));
};

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Codec, Found, KeepAnswers, Plan } from '../hooks.ts';
import { Problem } from '../problems/problem.ts';
import { isRefusedByRedis, redis, runScript, script } from '../redis/index.ts';
import { generationKey } from './tag-generation.ts';

/*
 * A cached answer carries the generations of its tags as they were before it was computed, and is served only while they are
 * still the same. So an answer is never older than a write that emptied one of its tags before the request began, in any
 * process, and no message can be lost.
 */

/** Longer than any computation here, yet short for callers that wait for a process that has died. */
const LEASE_MS = 1_000;
const LOOK_AGAIN_MS = 15;
/** How long to wait for another process to compute. After that a caller computes by itself. */
const WAIT_MS = 500;
/** After a Redis failure, routes that need no Redis skip the cache for this long. */
const PAUSE_MS = 1_000;
const MAX_BYTES = 1_048_576;

/** Lua: returns the entry at KEYS[1] if it starts with `valid` and not with `old`, which may be ''. */
const FIND = `
local function find(valid, old)
  local entry = redis.call('GET', KEYS[1])
  local function starts(text) return string.sub(entry, 1, #text) == text end
  if entry and starts(valid) and (old == '' or not starts(old)) then return entry end
end
`;

/**
 * KEYS: entry, lease. ARGV: lease in milliseconds, start of a valid entry, start of the expired one ('' for none). Reply: a
 * valid entry; else 1 if this caller must compute it, 0 if another does. A script because an entry stored between a GET and a
 * SET NX would be computed twice. A full Redis refuses the lease; then every caller computes, since a read must not need a
 * write.
 */
const CLAIM = script(`${FIND}
local entry = find(ARGV[2], ARGV[3])
if entry then return entry end
local lease = redis.pcall('SET', KEYS[2], '', 'NX', 'PX', ARGV[1])
return lease and 1 or 0
`);

/**
 * KEYS: entry, lease. ARGV: text ('' for none), start of a valid entry, start of the expired one, seconds to keep it. Reply:
 * 1 stored, 0 not. A script because a valid entry that was stored in the meantime is newer and must stay.
 */
const SETTLE = script(`${FIND}
redis.call('DEL', KEYS[2])
if ARGV[1] == '' or find(ARGV[2], ARGV[3]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2] .. ARGV[1], 'EX', ARGV[4])
return 1
`);

/** Entry and lease share a hash tag, so that one script may use both. */
const keysOf = ({ key }: Plan, start: string): string[] => [key, `${key}:lease:${start.trim()}`];

/** What precedes the text of an entry without tags. */
export const untaggedHead = (atMs = Date.now()): string => ` ${atMs} `;

/** Creates the missing generations. The first caller's text wins. */
const beginGenerations = (names: readonly string[]): Promise<(string | null)[]> =>
  redis(async (client) => {
    const begun = names.map((name) => client.set(name, randomUUID(), { condition: 'NX' }));
    const generations = names.map((name) => client.get(name));
    await Promise.all(begun);
    return Promise.all(generations);
  });

interface Seen {
  /** The start of a valid entry: the generations of its tags. */
  readonly start: string;
  /** The entry, if it is valid. It may have expired. */
  readonly text?: string | undefined;
  /** Its start: generations and time of computation; '' without an entry. */
  readonly old: string;
}

/** One trip, or two after a tag was emptied. */
const look = async (plan: Plan): Promise<Seen> => {
  const names = plan.tags.map(generationKey);
  const [text, ...found] = await redis((client) => Promise.all([plan.key, ...names].map((name) => client.get(name))), {
    retry: true,
  });
  const generations = found.includes(null) ? await beginGenerations(names) : found;
  const start = `${generations.join()} `;
  if (!text?.startsWith(start)) return { start, old: '' };
  return { start, text, old: text.slice(0, text.indexOf(' ', start.length) + 1) };
};

/** Failure is fine: the value is still the answer, and the lease expires. @returns whether the value is stored */
const settle = async (plan: Plan, { start, old }: Seen, text = ''): Promise<boolean> => {
  const args = [Buffer.byteLength(text) > MAX_BYTES ? '' : text, start, old, String(plan.seconds + plan.staleSeconds)];
  try {
    return (await redis((client) => runScript(client, SETTLE, keysOf(plan, start), args))) === 1;
  } catch {
    return false;
  }
};

/** Caches values in Redis. One caller computes each, however many processes miss it at the same time. */
export const keepAnswers: KeepAnswers = <T>({ print, parse }: Codec<T>) => {
  const flights = new Map<string, Promise<Found<T>>>();
  let askAgainAt = 0;

  const read = (text: string, start: string, how: 'hit' | 'shared' = 'hit'): Found<T> => {
    const end = text.indexOf(' ', start.length);
    const ageMs = Math.max(0, Date.now() - Number(text.slice(start.length, end)));
    return { value: parse(text.slice(end + 1)), how, ageMs };
  };

  const pass = async (compute: () => Promise<T>): Promise<Found<T>> => ({
    value: await compute(),
    how: 'passed',
    ageMs: 0,
  });

  const computeAs = async (plan: Plan, seen: Seen, compute: () => Promise<T>): Promise<Found<T>> => {
    const atMs = Date.now();
    try {
      const value = await compute();
      const text = print(value);
      const isStored = await settle(plan, seen, text === undefined ? '' : `${atMs} ${text}`);
      return { value, how: !isStored ? 'passed' : seen.old === '' ? 'stored' : 'renewed', ageMs: 0 };
    } catch (error) {
      await settle(plan, seen);
      throw error;
    }
  };

  /** Computes a value, or waits for the process that does. Serves an expired one meanwhile. */
  const fill = async (plan: Plan, seen: Seen, compute: () => Promise<T>): Promise<Found<T>> => {
    const { start, text, old } = seen;
    const args = [String(LEASE_MS), start, old];
    for (const endMs = performance.now() + WAIT_MS; performance.now() < endMs; await pause(LOOK_AGAIN_MS)) {
      const claim = await redis((client) => runScript(client, CLAIM, keysOf(plan, start), args));
      if (typeof claim === 'string') return read(claim, start, 'shared');
      if (claim === 1) return computeAs(plan, seen, compute);
      if (text !== undefined) return read(text, start);
    }
    return pass(compute);
  };

  /** Undefined if Redis is away or full, or was a moment ago: then the route computes. */
  const lookInTime = async (plan: Plan): Promise<Seen | undefined> => {
    if (performance.now() < askAgainAt) return undefined;
    try {
      return await look(plan);
    } catch (error) {
      if (!(error instanceof Problem) || (plan.needsRedis && !isRefusedByRedis(error))) throw error;
      askAgainAt = performance.now() + PAUSE_MS;
      return undefined;
    }
  };

  return async (plan: Plan, compute: () => Promise<T>): Promise<Found<T>> => {
    const seen = await lookInTime(plan);
    if (seen === undefined) return pass(compute);
    const { start, text } = seen;
    const found = text === undefined ? undefined : read(text, start);
    if (found !== undefined && found.ageMs < plan.seconds * 1_000) return found;
    // A caller that saw the same generations may share what is computed from now on.
    const id = plan.key + start;
    const flight = flights.get(id);
    if (flight !== undefined) return found ?? { ...(await flight), how: 'shared' };
    const own = fill(plan, seen, compute).finally(() => flights.delete(id));
    flights.set(id, own);
    return own;
  };
};

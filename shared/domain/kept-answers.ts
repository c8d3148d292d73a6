import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Codec, Found, KeepAnswers, Plan } from '../hooks.ts';
import { Problem } from '../problems/problem.ts';
import { isRefusedByRedis, redis, runScript, script } from '../redis/index.ts';
import { generationKey } from './tag-generation.ts';

/*
 * An answer is kept with the generations of its tags that were read before it was computed, and is given only while those
 * that are read beside it are the same. So what is given is at least as new as every write that emptied one of its tags
 * before the request began, in any process, without a message that could be lost.
 */

/** Longer than any computation here, and short enough for the callers that wait when the one that computes has died. */
const LEASE_MS = 1_000;
const LOOK_AGAIN_MS = 15;
/** For another process's computation; after it a caller computes for itself. */
const WAIT_MS = 500;
/** After a failure of Redis, routes that need none compute for this long without asking for what is kept. */
const PAUSE_MS = 1_000;
const MAX_BYTES = 1_048_576;

/** Lua: the entry at KEYS[1], when it starts with `valid` and not with `old`, which is '' when there is none. */
const FIND = `
local function find(valid, old)
  local entry = redis.call('GET', KEYS[1])
  local function starts(text) return string.sub(entry, 1, #text) == text end
  if entry and starts(valid) and (old == '' or not starts(old)) then return entry end
end
`;

/**
 * KEYS: entry, lease. ARGV: lease in milliseconds, start of a valid entry, start of the one that is too old ('' for none).
 * Reply: a valid entry; else 1 when the caller is to compute it, 0 when another does already. A script because an entry that
 * is stored between a GET and a SET NX would be computed twice. Redis refuses the lease when it is full: then each caller
 * computes, since a read must not need a write.
 */
const CLAIM = script(`${FIND}
local entry = find(ARGV[2], ARGV[3])
if entry then return entry end
local lease = redis.pcall('SET', KEYS[2], '', 'NX', 'PX', ARGV[1])
return lease and 1 or 0
`);

/**
 * KEYS: entry, lease. ARGV: text ('' for none), start of a valid entry, start of the one that is too old, seconds to keep
 * it. Reply: 1 stored, 0 not. A script because a valid entry that was put meanwhile is newer and must stay.
 */
const SETTLE = script(`${FIND}
redis.call('DEL', KEYS[2])
if ARGV[1] == '' or find(ARGV[2], ARGV[3]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2] .. ARGV[1], 'EX', ARGV[4])
return 1
`);

/** Entry and lease share a hash tag, so that one script may touch both. */
const keysOf = ({ key }: Plan, start: string): string[] => [key, `${key}:lease:${start.trim()}`];

/** What a value without tags is kept as: what comes before its text. */
export const untaggedHead = (atMs = Date.now()): string => ` ${atMs} `;

/** Begins those that are missing, with the text of whoever is first. */
const beginGenerations = (names: readonly string[]): Promise<(string | null)[]> =>
  redis(async (client) => {
    const begun = names.map((name) => client.set(name, randomUUID(), { condition: 'NX' }));
    const generations = names.map((name) => client.get(name));
    await Promise.all(begun);
    return Promise.all(generations);
  });

interface Seen {
  /** What a valid entry starts with: the generations of its tags. */
  readonly start: string;
  /** The valid entry, if there is one. */
  readonly text?: string | undefined;
  /** What it starts with: its generations and when it was computed; '' for none. */
  readonly old: string;
}

/** One trip; two when a tag was emptied. */
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

/** What cannot be stored is still the answer, and a lease that cannot be released expires. @returns whether it is stored */
const settle = async (plan: Plan, { start, old }: Seen, text = ''): Promise<boolean> => {
  const args = [Buffer.byteLength(text) > MAX_BYTES ? '' : text, start, old, String(plan.seconds + plan.staleSeconds)];
  try {
    return (await redis((client) => runScript(client, SETTLE, keysOf(plan, start), args))) === 1;
  } catch {
    return false;
  }
};

/** Values in Redis, each computed by one caller however many processes miss it at the same time. */
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

  /** Computes a value, or waits for the process that does; one that is too old is given meanwhile. */
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

  /** Undefined when the route is to compute because Redis is away or full, or was a moment ago. */
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
    // Whoever saw these generations may share what is computed after they were seen.
    const id = plan.key + start;
    const flight = flights.get(id);
    if (flight !== undefined) return found ?? { ...(await flight), how: 'shared' };
    const own = fill(plan, seen, compute).finally(() => flights.delete(id));
    flights.set(id, own);
    return own;
  };
};

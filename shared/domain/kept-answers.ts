import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
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

/**
 * KEYS: entry, lease. ARGV: lease in milliseconds, start of a valid entry, start of the one that is too old ('' for none).
 * Reply: a valid entry; else 1 when the caller is to compute it, 0 when another does already. A script because an entry that
 * is stored between a GET and a SET NX would be computed twice. Redis refuses the lease when it is full: then each caller
 * computes, since a read must not need a write.
 */
const CLAIM = script(`
local entry = redis.call('GET', KEYS[1])
local function starts(text) return string.sub(entry, 1, #text) == text end
if entry and starts(ARGV[2]) and (ARGV[3] == '' or not starts(ARGV[3])) then return entry end
local lease = redis.pcall('SET', KEYS[2], '', 'NX', 'PX', ARGV[1])
return lease and 1 or 0
`);

interface Plan {
  /** A hash of all that the value depends on: no client can write a key. */
  readonly key: string;
  readonly seconds: number;
  /** How long it may be given beyond that, while one caller renews it. */
  readonly staleSeconds: number;
  readonly tags: readonly string[];
  /** Whether computing fails without Redis: then there is no time to try. */
  readonly needsRedis: boolean;
}

interface Codec<T> {
  /** Undefined for what is not to be kept. */
  readonly print: (value: T) => string | undefined;
  readonly parse: (text: string) => T;
}

interface Found<T> {
  readonly value: T;
  /** `shared`: computed for another caller at the same time; `passed`: computed, and not kept. */
  readonly how: 'hit' | 'stored' | 'renewed' | 'shared' | 'passed';
  /** Since it was computed, by the clocks of the instances. */
  readonly ageMs: number;
}

/** No other key starts so. A new form of the text needs a new name. */
const entryKey = ({ key }: Plan): string => `kept:{${key}}`;

/** Shares the entry's hash tag, so that one script may touch both. */
const leaseKey = (plan: Plan, start: string): string => `${entryKey(plan)}:lease:${start.trim()}`;

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
}

/** One trip; two when a tag was emptied. */
const look = async (plan: Plan): Promise<Seen> => {
  const names = plan.tags.map(generationKey);
  const [text, ...found] = await redis(
    (client) => Promise.all([entryKey(plan), ...names].map((name) => client.get(name))),
    { retry: true },
  );
  const generations = found.includes(null) ? await beginGenerations(names) : found;
  const start = `${generations.join()} `;
  return text?.startsWith(start) ? { start, text } : { start };
};

/** What cannot be stored is still the answer, and a lease that cannot be released expires. @returns whether it is stored */
const settle = async (plan: Plan, start: string, text: string | undefined): Promise<boolean> => {
  const isKept = text !== undefined && Buffer.byteLength(text) <= MAX_BYTES;
  const expiration = { type: 'EX', value: plan.seconds + plan.staleSeconds } as const;
  try {
    await redis((client) => {
      const stored = isKept && client.set(entryKey(plan), start + text, { expiration });
      return Promise.all([stored, client.del(leaseKey(plan, start))]);
    });
    return isKept;
  } catch {
    return false;
  }
};

/** Values in Redis, each computed by one caller however many processes miss it at the same time. */
export const keepAnswers = <T>({ print, parse }: Codec<T>) => {
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

  const computeAs = async (plan: Plan, { start, text }: Seen, compute: () => Promise<T>): Promise<Found<T>> => {
    const atMs = Date.now();
    try {
      const { value } = await pass(compute);
      const printed = print(value);
      const isStored = await settle(plan, start, printed === undefined ? undefined : `${atMs} ${printed}`);
      return { value, how: !isStored ? 'passed' : text === undefined ? 'stored' : 'renewed', ageMs: 0 };
    } catch (error) {
      await settle(plan, start, undefined);
      throw error;
    }
  };

  /** Computes a value, or waits for the process that does; one that is too old is given meanwhile. */
  const fill = async (plan: Plan, seen: Seen, compute: () => Promise<T>): Promise<Found<T>> => {
    const { start, text } = seen;
    const old = text === undefined ? '' : text.slice(0, text.indexOf(' ', start.length) + 1);
    const keys = [entryKey(plan), leaseKey(plan, start)];
    const args = [String(LEASE_MS), start, old];
    for (const endMs = performance.now() + WAIT_MS; performance.now() < endMs; await pause(LOOK_AGAIN_MS)) {
      const claim = await redis((client) => runScript(client, CLAIM, keys, args));
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

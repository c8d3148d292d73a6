import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DeadlineError, withDeadline } from '../deadline.ts';
import { Problem } from '../problems/problem.ts';
import { redis, runScript, script } from '../redis/index.ts';
import { onEmptyCache } from './control/cache-tags.ts';

/** Longer than any computation here, and short enough for the callers that wait when the one that computes has died. */
const LEASE_MS = 1_000;
const LOOK_AGAIN_MS = 15;
/** From the first question to the value, with every trip to Redis and the wait for another caller's computation. */
const LOAD_MS = 800;

/**
 * KEYS: value, lease. ARGV: token, lease in milliseconds. Reply: the value; else 1 when the caller is to compute it,
 * 0 when another does already. A script because a value stored between a GET and a SET NX would be computed twice.
 * Redis refuses the lease when it is full: then each caller computes, since a read must not need a write.
 */
const CLAIM = script(`
local value = redis.call('GET', KEYS[1])
if value then return value end
local lease = redis.pcall('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])
return lease and 1 or 0
`);

/**
 * KEYS: value, lease. ARGV: token, seconds to keep, value ('' for none). Reply: 0. A script because a value that was
 * put in the meantime is newer and must stay, and a lease that has passed to another must stay as well.
 */
const SETTLE = script(`
if ARGV[3] ~= '' then redis.call('SET', KEYS[1], ARGV[3], 'NX', 'EX', ARGV[2]) end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 0
`);

/** A cached text, and how it was come by. */
export interface Reading {
  readonly text: string;
  /** `stale`: Redis or the computation failed, and this is the last value that this instance saw. */
  readonly status: 'hit' | 'miss' | 'stale';
  readonly from: 'memory' | 'redis';
}

interface CachedOptions {
  /** The command `empty-cache` empties it by this name. */
  readonly tag: string;
  /** With a hash tag in braces. */
  readonly key: string;
  readonly ttlSeconds: number;
  /** How long the instance answers from its own memory; 0 asks Redis each time. */
  readonly memoryMs: number;
  /** Makes a new value within a second; undefined when there is nothing to cache. */
  readonly compute: () => Promise<string | undefined>;
}

/** One value cached in Redis. On a miss one caller computes it, in whatever process, and all others wait for it. */
export interface Cached {
  /** Undefined when there is nothing to cache. @throws what failed, when this instance has no last value */
  readonly get: (nowMs?: number) => Promise<Reading | undefined>;
  /** Stores a value that is known to be the newest. @throws Problem redis-unavailable */
  readonly put: (text: string, nowMs?: number) => Promise<void>;
  /** Takes a value that another instance has put. */
  readonly keep: (text: string, nowMs?: number) => void;
}

const tooLate = (cause: DeadlineError): Problem =>
  new Problem('redis-unavailable', 'The value did not arrive in time. Try again shortly.', {
    retryAfterSeconds: 1,
    cause,
  });

export const cached = ({ tag, key, ttlSeconds, memoryMs, compute }: CachedOptions): Cached => {
  const keys = [key, `${key}:lease`];
  let last: { readonly text: string; readonly atMs: number } | undefined;
  let loading: Promise<Reading | undefined> | undefined;

  const keep = (text: string, nowMs = Date.now()): void => {
    last = { text, atMs: nowMs };
  };

  onEmptyCache(tag, async () => {
    last = undefined;
    await redis((client) => client.del(key));
  });

  const computeAs = async (token: string): Promise<Reading | undefined> => {
    let text: string | undefined;
    try {
      text = await compute();
    } finally {
      const args = [token, String(ttlSeconds), text ?? ''];
      // A value that cannot be stored is still the answer, and a lease that cannot be released expires.
      await redis((client) => runScript(client, SETTLE, keys, args)).catch(() => {});
    }
    return text === undefined ? undefined : { text, status: 'miss', from: 'redis' };
  };

  const fill = async (): Promise<Reading | undefined> => {
    const token = randomUUID();
    for (;;) {
      const claim = await redis((client) => runScript(client, CLAIM, keys, [token, String(LEASE_MS)]));
      if (typeof claim === 'string') return { text: claim, status: 'hit', from: 'redis' };
      if (claim === 1) return computeAs(token);
      await pause(LOOK_AGAIN_MS);
    }
  };

  const find = async (): Promise<Reading | undefined> => {
    const text = await redis((client) => client.get(key), { retry: true });
    return text === null ? fill() : { text, status: 'hit', from: 'redis' };
  };

  const load = async (nowMs: number): Promise<Reading | undefined> => {
    const before = last;
    try {
      const reading = await withDeadline(find(), LOAD_MS, 'a cached value');
      // What was kept while this was read is newer.
      if (last !== undefined && last !== before) return { text: last.text, status: 'hit', from: 'memory' };
      last = reading && { text: reading.text, atMs: nowMs };
      return reading;
    } catch (error) {
      if (last === undefined) throw error instanceof DeadlineError ? tooLate(error) : error;
      return { text: last.text, status: 'stale', from: 'memory' };
    }
  };

  return {
    keep,
    get: async (nowMs = Date.now()) => {
      if (last !== undefined && nowMs - last.atMs < memoryMs) return { text: last.text, status: 'hit', from: 'memory' };
      loading ??= load(nowMs).finally(() => {
        loading = undefined;
      });
      return loading;
    },
    put: async (text, nowMs) => {
      await redis((client) => client.set(key, text, { expiration: { type: 'EX', value: ttlSeconds } }));
      keep(text, nowMs);
    },
  };
};

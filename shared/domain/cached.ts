import { toProblem } from '../redis/errors.ts';
import { redis } from '../redis/index.ts';
import { DeadlineError, withDeadline } from '../timing.ts';
import { keepAnswers } from './kept-answers.ts';
import { onEmptyCache } from './tag-generation.ts';

/** From the first question to the value, with every trip to Redis and the wait for another caller's computation. */
const LOAD_MS = 800;

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
export const cached = ({ tag, key, ttlSeconds, memoryMs, compute }: CachedOptions) => {
  const plan = { key, seconds: ttlSeconds, staleSeconds: 0, tags: [], needsRedis: true };
  const findKept = keepAnswers<string | undefined>({ print: (text) => text, parse: (text) => text });
  let last: { readonly text: string; readonly atMs: number } | undefined;
  let loading: Promise<Reading | undefined> | undefined;

  /** Takes a value that another instance has put. */
  const keep = (text: string, nowMs = Date.now()): void => {
    last = { text, atMs: nowMs };
  };

  onEmptyCache(tag, async () => {
    last = undefined;
    await redis((client) => client.del(key));
  });

  const find = async (): Promise<Reading | undefined> => {
    const { value, how } = await findKept(plan, compute);
    if (value === undefined) return undefined;
    return { text: value, status: how === 'hit' || how === 'shared' ? 'hit' : 'miss', from: 'redis' };
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
      if (last === undefined) throw error instanceof DeadlineError ? toProblem(error) : error;
      return { text: last.text, status: 'stale', from: 'memory' };
    }
  };

  /** Undefined when there is nothing to cache. @throws what failed, when this instance has no last value */
  const get = async (nowMs = Date.now()): Promise<Reading | undefined> => {
    if (last !== undefined && nowMs - last.atMs < memoryMs) return { text: last.text, status: 'hit', from: 'memory' };
    loading ??= load(nowMs).finally(() => {
      loading = undefined;
    });
    return loading;
  };
  return { get, keep };
};

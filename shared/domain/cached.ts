import { toProblem } from '../redis/errors.ts';
import { redis } from '../redis/index.ts';
import { DeadlineError, withDeadline } from '../timing.ts';
import { keepAnswers } from './kept-answers.ts';
import { onEmptyCache } from './tag-generation.ts';

/** For a value, with every trip to Redis and the wait for another caller's computation. */
const LOAD_MS = 800;

/** A cached text and where it came from. */
export interface Reading {
  readonly text: string;
  /** `stale`: Redis or the computation failed, so this is the last value that this instance saw. */
  readonly status: 'hit' | 'miss' | 'stale';
  readonly from: 'memory' | 'redis';
}

interface CachedOptions {
  /** The name by which the command `empty-cache` empties it. */
  readonly tag: string;
  /** The key in Redis, with a hash tag in braces. */
  readonly key: string;
  readonly ttlSeconds: number;
  /** How long the instance answers from its own memory; 0: it always asks Redis. */
  readonly memoryMs: number;
  /** Computes a new value within a second; undefined if there is nothing to cache. */
  readonly compute: () => Promise<string | undefined>;
}

/** Caches one value in Redis. On a miss one caller in one process computes it, and all others wait. */
export const cached = ({ tag, key, ttlSeconds, memoryMs, compute }: CachedOptions) => {
  const plan = { key, seconds: ttlSeconds, staleSeconds: 0, tags: [], needsRedis: true };
  const findKept = keepAnswers<string | undefined>({ print: (text) => text, parse: (text) => text });
  let last: { readonly text: string; readonly atMs: number } | undefined;
  let loading: Promise<Reading | undefined> | undefined;

  /** Takes over a value that another instance has stored. */
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
      // A value that arrived in the meantime is newer.
      if (last !== undefined && last !== before) return { text: last.text, status: 'hit', from: 'memory' };
      last = reading && { text: reading.text, atMs: nowMs };
      return reading;
    } catch (error) {
      if (last === undefined) throw error instanceof DeadlineError ? toProblem(error) : error;
      return { text: last.text, status: 'stale', from: 'memory' };
    }
  };

  /** Undefined if there is nothing to cache. @throws what failed, if this instance has no last value */
  const get = async (nowMs = Date.now()): Promise<Reading | undefined> => {
    if (last !== undefined && nowMs - last.atMs < memoryMs) return { text: last.text, status: 'hit', from: 'memory' };
    loading ??= load(nowMs).finally(() => {
      loading = undefined;
    });
    return loading;
  };
  return { get, keep };
};

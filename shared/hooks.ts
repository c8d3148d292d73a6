/* What the kernel needs from the domain around every call. The two do not import each other, only this file. */

/** Counts a call of a function. Returns a promise when it is time to store the counts. */
export type CountCall = (functionName: string) => Promise<void> | undefined;

/** How often each client may call a route. It replaces RATE_LIMIT_PER_MINUTE, unless that is 0, which switches limits off. */
export interface RateRule {
  /** 1–1,000,000. */
  readonly perMinute: number;
  /** Calls at once, 1–1,000,000; ten seconds' worth by default. */
  readonly burst?: number | undefined;
}

/** The state of a client's limit. */
export interface LimitState {
  readonly allowed: boolean;
  /** Calls at once. */
  readonly limit: number;
  readonly remaining: number;
  /** The time in which `limit` more calls are allowed. */
  readonly window_seconds: number;
  /** Whole seconds until one more call is allowed. */
  readonly reset_seconds: number;
}

/**
 * Counts one call against a client's limit. Returns undefined if there is no limit or Redis does not answer, and the
 * state without a promise if the instance knows it without Redis.
 * @param name of the function, or of the route with its own rate; no braces, which Redis takes for a hash tag
 */
export type TakeCall = (
  name: string,
  client: string,
  own?: RateRule,
) => Promise<LimitState | undefined> | LimitState | undefined;

export interface Plan {
  /** The key in Redis, with a hash tag in braces. */
  readonly key: string;
  readonly seconds: number;
  /** How long the value may be served stale beyond that, while one caller renews it. */
  readonly staleSeconds: number;
  readonly tags: readonly string[];
  /** Whether computing needs Redis: then it is not tried while Redis is away. */
  readonly needsRedis: boolean;
}

export interface Codec<T> {
  /** Undefined for a value that must not be cached. */
  readonly print: (value: T) => string | undefined;
  readonly parse: (text: string) => T;
}

export interface Found<T> {
  readonly value: T;
  /** `shared`: computed for another caller at the same time. `passed`: computed, not cached. */
  readonly how: 'hit' | 'stored' | 'renewed' | 'shared' | 'passed';
  /** Time since it was computed, by the clocks of the instances. */
  readonly ageMs: number;
}

/** Returns the cached value, or computes and caches it. */
export type KeepAnswers = <T>(codec: Codec<T>) => (plan: Plan, compute: () => Promise<T>) => Promise<Found<T>>;

/** What happens around every call. The kernel decides when, the domain how. */
export interface Hooks {
  readonly count?: CountCall;
  readonly limit?: TakeCall;
  readonly keep?: KeepAnswers;
}

const declared = new Set<string>();

/**
 * Declares a tag for cached answers: 1 to 64 of a–z, 0–9 and -. Only `emptiedTag` calls this, for the module whose writes
 * empty the tag. A route with any other tag is refused, since its cache would never be emptied.
 */
export const cacheTag = (name: string): string => {
  declared.add(name);
  return name;
};

export const isCacheTag = (name: string): boolean => declared.has(name);

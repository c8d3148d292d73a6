/* What the kernel asks of the domain around every call. The two do not know each other: each knows only this. */

/** Counts a call of a function. A promise when it is time to store the counts. */
export type CountCall = (functionName: string) => Promise<void> | undefined;

/** How often each client may call a route, whatever RATE_LIMIT_PER_MINUTE says; that being 0 switches it off. */
export interface RateRule {
  /** 1–1,000,000. */
  readonly perMinute: number;
  /** Calls at once, 1–1,000,000; ten seconds' worth unless given. */
  readonly burst?: number | undefined;
}

/** How a client stands with its limit. */
export interface LimitState {
  readonly allowed: boolean;
  /** Calls at once. */
  readonly limit: number;
  readonly remaining: number;
  /** In this time, as many calls more are allowed. */
  readonly window_seconds: number;
  /** Whole seconds until one more call is allowed than now. */
  readonly reset_seconds: number;
}

/**
 * Takes one call off a client's limit. Undefined when there is no limit, or Redis cannot tell. Not a promise when the
 * instance knows without asking Redis.
 * @param name of the function, or of the route that has a rate of its own; without braces, which mean something to Redis
 */
export type TakeCall = (
  name: string,
  client: string,
  own?: RateRule,
) => Promise<LimitState | undefined> | LimitState | undefined;

export interface Plan {
  /** In Redis, with a hash tag in braces. */
  readonly key: string;
  readonly seconds: number;
  /** How long it may be given beyond that, while one caller renews it. */
  readonly staleSeconds: number;
  readonly tags: readonly string[];
  /** Whether computing fails without Redis: then there is no time to try. */
  readonly needsRedis: boolean;
}

export interface Codec<T> {
  /** Undefined for what is not to be kept. */
  readonly print: (value: T) => string | undefined;
  readonly parse: (text: string) => T;
}

export interface Found<T> {
  readonly value: T;
  /** `shared`: computed for another caller at the same time; `passed`: computed, and not kept. */
  readonly how: 'hit' | 'stored' | 'renewed' | 'shared' | 'passed';
  /** Since it was computed, by the clocks of the instances. */
  readonly ageMs: number;
}

/** Gives what is kept, or computes it and keeps it. */
export type KeepAnswers = <T>(codec: Codec<T>) => (plan: Plan, compute: () => Promise<T>) => Promise<Found<T>>;

/** What happens around every call. The kernel knows when, not how: that is the domain's. */
export interface Hooks {
  readonly count?: CountCall;
  readonly limit?: TakeCall;
  readonly keep?: KeepAnswers;
}

const declared = new Set<string>();

/**
 * A tag for answers that a route keeps, 1 to 64 of a–z, 0–9 and -. Only `emptiedTag` declares one, for the module that writes
 * what they hold: a route whose cache names any other tag would never be emptied, and is refused.
 */
export const cacheTag = (name: string): string => {
  declared.add(name);
  return name;
};

export const isCacheTag = (name: string): boolean => declared.has(name);

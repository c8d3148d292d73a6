/* What the kernel asks of whatever keeps answers. The two do not know each other. */

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

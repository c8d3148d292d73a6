import * as z from 'zod';
import { Problem } from '../../../problems/problem.ts';
import { HOUR_MS } from '../../../timing.ts';

/** What FEED, the Redis keys and the answers call a feed. */
export const feedName = z.string().meta({ description: 'The feed: senticrypt or kraken', examples: ['senticrypt'] });

/** The price and sentiment at one moment. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  /** US dollars for one bitcoin, above 0 and at most MAX_PRICE. */
  readonly price: number;
  /** Higher is better, from −MAX_SENTIMENT to MAX_SENTIMENT. Each feed has its own scale. */
  readonly sentiment: number;
}

export interface FeedRequest {
  /** The `cursor` of the previous page; undefined for the first request ever. */
  readonly cursor: string | undefined;
  readonly nowMs: number;
  /** Aborted when the time limit of the whole refresh has passed. */
  readonly signal: AbortSignal;
}

export interface FeedPage {
  readonly samples: readonly Sample[];
  /** How many rows were dropped because their price, sentiment or time is missing or impossible. */
  readonly rejected: number;
  /** Where the next page starts, to be saved after the samples are stored; undefined if the feed has only one page. */
  readonly cursor: string | undefined;
  /** Whether the feed has nothing more for now. */
  readonly isLast: boolean;
}

/** A source of samples. It holds no state: the same cursor at the same time gives the same samples. */
export interface Feed {
  readonly name: string;
  /** How many pages one refresh may request. */
  readonly maxPages: number;
  /** The least time between the starts of two requests. */
  readonly spacingMs: number;
  /** @throws Problem feed-invalid, feed-unavailable, feed-timeout */
  readonly read: (request: FeedRequest) => Promise<FeedPage>;
}

/** Far above any real value, yet small enough that the mean of any number of them is exact to a cent. */
export const MAX_PRICE = 1e12;
export const MAX_SENTIMENT = 1e6;

/**
 * The value if it is a number, else NaN, which fails every range check. Rows are checked by hand because a failed zod
 * parse allocates up to 7 KB: 100,000 bad rows would need more memory than the function has.
 */
export const numberOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

/** The first block of the chain. */
const GENESIS_MS = Date.UTC(2009, 0, 3);
/** Accepts a clock that is an hour off, and keeps a time in another century from becoming the latest sample. */
const MAX_AHEAD_MS = 2 * HOUR_MS;

/** Whether a time is further ahead than clock skew can explain. */
export const isFuture = (timeMs: number, nowMs: number): boolean => timeMs > nowMs + MAX_AHEAD_MS;

/** Whether a sample can be from this time; false for NaN. */
export const isPlausibleTime = (timeMs: number, nowMs: number): boolean =>
  timeMs >= GENESIS_MS && !isFuture(timeMs, nowMs);

export const feedInvalid = (what: string, cause?: unknown): Problem =>
  new Problem('feed-invalid', `The feed sent ${what}.`, { cause });

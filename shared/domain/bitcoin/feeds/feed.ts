import { HOUR_MS } from '../../../timing.ts';

/** What a feed says about one moment. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  /** US dollars for one bitcoin, above 0 and at most MAX_PRICE. */
  readonly price: number;
  /** From all bad to all good, within MAX_SENTIMENT on either side; what the scale is, is the feed's affair. */
  readonly sentiment: number;
}

export interface FeedRequest {
  /** What the last page gave as its `cursor`; undefined at the first call ever. */
  readonly cursor: string | undefined;
  readonly nowMs: number;
  /** Aborted when the time for the whole refresh is over. */
  readonly signal: AbortSignal;
}

export interface FeedPage {
  readonly samples: readonly Sample[];
  /** How many rows of the page had no price, sentiment or time that can be true. */
  readonly rejected: number;
  /** Where the next page starts, once these samples are stored; undefined when the feed has one page only. */
  readonly cursor: string | undefined;
  /** Nothing more can be had at the moment. */
  readonly isLast: boolean;
}

/** A source of samples. It keeps nothing: the same cursor at the same time gives the same samples. */
export interface Feed {
  /** What FEED, the keys and the answers call it. */
  readonly name: string;
  /** Pages that one refresh may ask for. */
  readonly maxPages: number;
  /** From the start of one call to the start of the next. */
  readonly spacingMs: number;
  /** @throws Problem feed-invalid, feed-unavailable, feed-timeout */
  readonly read: (request: FeedRequest) => Promise<FeedPage>;
}

/** Far beyond anything true, and small enough that the mean of any number of them is right to a cent. */
export const MAX_PRICE = 1e12;
export const MAX_SENTIMENT = 1e6;

/**
 * A number of a row; NaN, which lies in no range, for anything else. Rows are checked by hand, because a schema that
 * refuses one makes up to 7 KB of garbage: a feed of 100,000 bad rows would need more memory than the function has.
 */
export const numberOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

/** The first block of the chain: no price is older. */
const GENESIS_MS = Date.UTC(2009, 0, 3);
/** A clock that is an hour off must lose nothing; a time in another century must not become the latest sample. */
const MAX_AHEAD_MS = 2 * HOUR_MS;

/** Whether this moment lies further ahead than a clock can be wrong. */
export const isFuture = (timeMs: number, nowMs: number): boolean => timeMs > nowMs + MAX_AHEAD_MS;

/** Whether a feed can have seen this moment; false for NaN too. */
export const isPlausibleTime = (timeMs: number, nowMs: number): boolean =>
  timeMs >= GENESIS_MS && !isFuture(timeMs, nowMs);

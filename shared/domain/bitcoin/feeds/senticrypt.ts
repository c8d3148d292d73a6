import { type Feed, feedInvalid, isPlausibleTime, MAX_PRICE, MAX_SENTIMENT, numberOf, type Sample } from './feed.ts';
import { fetchRows } from './fetch-rows.ts';

const priceOf = (value: unknown): number =>
  typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : numberOf(value);

/** Reads only these three fields: rows have more, which have changed over time. `mean` is the sentiment. */
const toSample = (value: unknown, nowMs: number): Sample | undefined => {
  const { timestamp, btc_price, mean }: Readonly<Record<string, unknown>> = Object(value);
  const timeMs = Math.floor(numberOf(timestamp) * 1_000);
  const price = priceOf(btc_price);
  const sentiment = numberOf(mean);
  const isPossible = price > 0 && price <= MAX_PRICE && Math.abs(sentiment) <= MAX_SENTIMENT;
  return isPossible && isPlausibleTime(timeMs, nowMs) ? { timeMs, price, sentiment } : undefined;
};

/** SentiCrypt v1: one document with the rows of 24 hours, about 30 seconds apart. Its publisher no longer updates it. */
export const senticrypt = (url: string): Feed => ({
  name: 'senticrypt',
  maxPages: 1,
  spacingMs: 0,
  read: async ({ nowMs, signal }) => {
    const toRow = (value: unknown) => toSample(value, nowMs);
    const { frame, rows, rejected } = await fetchRows(new URL(url), { depth: 1, toRow, nowMs, signal });
    if (!Array.isArray(frame)) throw feedInvalid('no list of rows');
    return { samples: rows, rejected, cursor: undefined, isLast: true };
  },
});

import * as z from 'zod';
import { Problem } from '../../../problems/problem.ts';
import { type Feed, isPlausibleTime, MAX_PRICE, MAX_SENTIMENT, type Sample } from './feed.ts';
import { fetchJson } from './fetch-json.ts';

const document = z.array(z.unknown());

const price = z
  .union([
    z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .transform(Number),
    z.number(),
  ])
  .pipe(z.number().positive().max(MAX_PRICE));

/** The fields that are used; rows have more, and older rows have others. `mean` is the sentiment. */
const row = z.object({
  timestamp: z.number(),
  btc_price: price,
  mean: z.number().min(-MAX_SENTIMENT).max(MAX_SENTIMENT),
});

const toSample = (value: unknown, nowMs: number): Sample | undefined => {
  const { data } = row.safeParse(value);
  if (data === undefined) return undefined;
  const timeMs = Math.floor(data.timestamp * 1_000);
  return isPlausibleTime(timeMs, nowMs) ? { timeMs, price: data.btc_price, sentiment: data.mean } : undefined;
};

/** SentiCrypt v1: one document with all rows of 24 hours, about 30 seconds apart. Frozen by its publisher. */
export const senticrypt = (url: string): Feed => ({
  name: 'senticrypt',
  maxPages: 1,
  spacingMs: 0,
  read: async ({ nowMs, signal }) => {
    const { value } = await fetchJson(new URL(url), nowMs, signal);
    const { data: rows } = document.safeParse(value);
    if (rows === undefined) throw new Problem('feed-invalid', 'The feed sent no array of rows.');
    const samples = rows.map((each) => toSample(each, nowMs)).filter((sample) => sample !== undefined);
    return { samples, rejected: rows.length - samples.length, cursor: undefined, isLast: true };
  },
});

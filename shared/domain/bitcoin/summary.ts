import * as z from 'zod';
import { HOUR_MS } from '../../timing.ts';
import { feedName, type Sample } from './feeds/feed.ts';
import { readHours } from './samples.ts';

/** Decimals of a mean: finer than any feed, coarser than rounding errors. */
const DIGITS = 9;
const UNITS = 10 ** DIGITS;

/**
 * The arithmetic mean of at least one number. Neumaier summation and rounding to 9 decimals give hours of equal values
 * equal means, however many values each has. Otherwise a difference in the last bit would count as "rising".
 */
export const mean = (values: readonly number[]): number => {
  let sum = 0;
  let lost = 0;
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  const exact = (sum + lost) / values.length;
  const scaled = exact * UNITS;
  // Above this, a double has no decimals left to round.
  return Math.abs(scaled) < Number.MAX_SAFE_INTEGER ? Math.round(scaled) / UNITS : exact;
};

export const means = z.strictObject({
  time: z.iso.datetime().meta({ description: 'Start of the step or clock hour' }),
  price: z.number().meta({ description: 'Mean price in US dollars' }),
  sentiment: z.number().meta({ description: 'Mean sentiment' }),
  samples: z.int().min(1),
});

/** The means of each step that has samples, in the order of the samples. Steps are aligned to the epoch. */
export const meansOf = (samples: readonly Sample[], stepMs: number): z.infer<typeof means>[] =>
  [...Map.groupBy(samples, ({ timeMs }) => Math.floor(timeMs / stepMs))].map(([step, within]) => ({
    time: new Date(step * stepMs).toISOString(),
    price: mean(within.map(({ price }) => price)),
    sentiment: mean(within.map(({ sentiment }) => sentiment)),
    samples: within.length,
  }));

/** Feeds send a sample every 30 to 90 seconds, so older data means that something is wrong. */
export const STALE_AFTER_SECONDS = 600;
/** How many clock hours the summary covers. */
const HOURS = 3;

const direction = z.enum(['rising', 'falling', 'flat']);

const hour = z.strictObject({
  ...means.shape,
  complete: z.boolean().meta({ description: 'false for the hour of the latest sample' }),
});

/** What is cached: everything that does not change with the time of day. */
const storedSummary = z.strictObject({
  lit: z.boolean().meta({ description: 'Whether price and sentiment are both rising' }),
  hourly_average_of_averages: z.array(hour).min(1).max(HOURS),
  price_direction: direction.meta({ description: 'From the first hour to the last' }),
  sentiment_direction: direction,
  as_of: z.iso.datetime().meta({ description: 'Time of the latest sample' }),
  source: feedName,
});

export const summary = storedSummary
  .extend({
    age_seconds: z.int().min(0),
    stale: z.boolean().meta({
      description: `Whether it is older than ${STALE_AFTER_SECONDS / 60} minutes, or Redis could not be reached`,
    }),
  })
  .meta({ id: 'Summary' });

const directionOf = (first: number, last: number): z.infer<typeof direction> => {
  if (first === last) return 'flat';
  return first < last ? 'rising' : 'falling';
};

/**
 * The summary as JSON without `age_seconds` and `stale`; undefined if its hours have no samples.
 * @param latestMs the time of the latest sample; the hours end with its hour
 */
export const computeSummary = async (source: string, latestMs: number): Promise<string | undefined> => {
  const last = Math.floor(latestMs / HOUR_MS);
  const samples = (await readHours(source, [last - 2, last - 1, last])).flat();
  const hours = meansOf(samples, HOUR_MS).map((each) => ({
    ...each,
    complete: Date.parse(each.time) + HOUR_MS <= latestMs,
  }));
  const [from, to] = [hours[0], hours.at(-1)];
  if (from === undefined || to === undefined) return undefined;
  const price = directionOf(from.price, to.price);
  const sentiment = directionOf(from.sentiment, to.sentiment);
  const value: z.infer<typeof storedSummary> = {
    lit: price === 'rising' && sentiment === 'rising',
    hourly_average_of_averages: hours,
    price_direction: price,
    sentiment_direction: sentiment,
    as_of: new Date(latestMs).toISOString(),
    source,
  };
  return JSON.stringify(value);
};

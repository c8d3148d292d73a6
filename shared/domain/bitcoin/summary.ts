import * as z from 'zod';
import { HOUR_MS } from '../../timing.ts';
import { feedName, type Sample } from './feeds/feed.ts';
import { readHours } from './samples.ts';

/** Digits after the point that a mean keeps: finer than any feed, coarser than what doubles lose on the way. */
const DIGITS = 9;
const UNITS = 10 ** DIGITS;

/**
 * The arithmetic mean of at least one number. The sum carries what each addition loses (Neumaier), and the mean is
 * rounded to 9 digits, so that hours of equal values have equal means however many values they hold: a difference in
 * the last bit would read as "rising".
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
  // From here on a double has no digits left to round.
  return Math.abs(scaled) < Number.MAX_SAFE_INTEGER ? Math.round(scaled) / UNITS : exact;
};

/** The samples of a stretch of time, summed up. */
export const means = z.strictObject({
  time: z.iso.datetime().meta({ description: 'Start of the step, or of the clock hour' }),
  price: z.number().meta({ description: 'Mean price in US dollars' }),
  sentiment: z.number().meta({ description: 'Mean sentiment' }),
  samples: z.int().min(1),
});

/** The means of each step that has samples, the steps aligned to the epoch and in the order of the samples. */
export const meansOf = (samples: readonly Sample[], stepMs: number): z.infer<typeof means>[] =>
  [...Map.groupBy(samples, ({ timeMs }) => Math.floor(timeMs / stepMs))].map(([step, within]) => ({
    time: new Date(step * stepMs).toISOString(),
    price: mean(within.map(({ price }) => price)),
    sentiment: mean(within.map(({ sentiment }) => sentiment)),
    samples: within.length,
  }));

/** Feeds deliver every 30 to 90 seconds; later than this, something is wrong. */
export const STALE_AFTER_SECONDS = 600;
/** How many clock hours the summary covers. */
const HOURS = 3;

const direction = z.enum(['rising', 'falling', 'flat']);

const hour = z.strictObject({
  ...means.shape,
  complete: z.boolean().meta({ description: 'false for the hour of the latest sample' }),
});

/** What is cached: all but what changes from second to second. */
const storedSummary = z.strictObject({
  lit: z.boolean().meta({ description: 'Both price and sentiment rise' }),
  hourly_average_of_averages: z.array(hour).min(1).max(HOURS),
  price_direction: direction.meta({ description: 'From the first hour to the last' }),
  sentiment_direction: direction,
  as_of: z.iso.datetime().meta({ description: 'Time of the latest sample' }),
  source: feedName,
});

export const summary = storedSummary
  .extend({
    age_seconds: z.int().min(0),
    stale: z
      .boolean()
      .meta({ description: `Older than ${STALE_AFTER_SECONDS / 60} minutes, or Redis could not be asked` }),
  })
  .meta({ id: 'Summary' });

const directionOf = (first: number, last: number): z.infer<typeof direction> => {
  if (first === last) return 'flat';
  return first < last ? 'rising' : 'falling';
};

/**
 * The summary of the hours that end with the hour of `latestMs`, the time of the latest sample, as JSON text without
 * `age_seconds` and `stale`; undefined when nothing is stored there.
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

import * as z from 'zod';
import type { Sample } from './feeds/index.ts';

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

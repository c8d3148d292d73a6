import * as z from 'zod';
import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { DeadlineError, HOUR_MS, withDeadline } from '../../timing.ts';
import { queryInteger } from '../documents/paging.ts';
import { latestSampleMs, noSamples, readHours } from './samples.ts';
import { means, meansOf } from './summary.ts';

const STEPS = ['300', '900', '3600'] as const;

export const historyQuery = z.strictObject({
  hours: queryInteger(1, 168, 24, 'Hours before the latest sample, 1 to 168'),
  step_seconds: z
    .enum(STEPS)
    .transform(Number)
    .default(300)
    .meta({
      description: 'Seconds between points, which are means',
      override: { type: 'integer', enum: STEPS.map(Number), default: 300 },
    }),
});

export const history = z.strictObject({ step_seconds: z.int(), points: z.array(means) }).meta({ id: 'History' });

type History = z.infer<typeof history>;

/**
 * Means of price and sentiment for the hours before the latest sample. Steps are aligned to the epoch, and those without
 * samples are left out.
 * @throws Problem not-found, redis-unavailable
 */
export const readHistory = async (query: z.infer<typeof historyQuery>): Promise<History> => {
  const source = config().feed;
  const latestMs = await latestSampleMs(source);
  if (latestMs === undefined) throw noSamples();
  const fromMs = latestMs - query.hours * HOUR_MS;
  const firstHour = Math.floor(fromMs / HOUR_MS);
  const hours = Array.from({ length: query.hours + 1 }, (_, at) => firstHour + at);
  const samples = (await readHours(source, hours)).flat().filter(({ timeMs }) => timeMs > fromMs);
  return { step_seconds: query.step_seconds, points: meansOf(samples, query.step_seconds * 1_000) };
};

/** The hours that the page can show, and the step of each: fine enough for a line without corners. */
const RANGE_STEPS = { 3: 300, 24: 300, 168: 3_600 } as const;
export type RangeHours = keyof typeof RANGE_STEPS;
export const RANGE_HOURS = [3, 24, 168] as const satisfies readonly RangeHours[];

const readings = new Map<RangeHours, { readonly latestMs: number; readonly value: Promise<History> }>();
const lastRead = new Map<RangeHours, History>();

/**
 * The history of the hours before the latest sample. It is read once for each latest sample, so page views cost Redis
 * nothing. If Redis does not answer within `patienceMs`: the last history that was read, or one without points.
 * @throws Problem not-found
 */
export const readRange = async (hours: RangeHours, latestMs: number, patienceMs: number): Promise<History> => {
  const step_seconds = RANGE_STEPS[hours];
  const known = readings.get(hours);
  const reading = known?.latestMs === latestMs ? known : { latestMs, value: readHistory({ hours, step_seconds }) };
  readings.set(hours, reading);
  reading.value.catch(() => readings.get(hours) === reading && readings.delete(hours));
  try {
    lastRead.set(hours, await withDeadline(reading.value, patienceMs, 'reading the history'));
  } catch (error) {
    const isAway = error instanceof DeadlineError || (error instanceof Problem && error.code === 'redis-unavailable');
    if (!isAway) throw error;
  }
  return lastRead.get(hours) ?? { step_seconds, points: [] };
};

import * as z from 'zod';
import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import type { Sample } from './feeds/index.ts';
import { mean } from './mean.ts';
import { latestSampleMs, noSamples, readHours } from './samples.ts';
import { HOUR_MS } from './time.ts';

const STEPS = ['300', '900', '3600'] as const;

export const historyQuery = z.strictObject({
  hours: z
    .string()
    .regex(/^\d{1,3}$/, 'Must be an integer from 1 to 168')
    .transform(Number)
    .pipe(z.int().min(1).max(168))
    .default(24)
    .meta({
      description: 'Hours to look back from the latest sample, 1 to 168',
      override: { type: 'integer', minimum: 1, maximum: 168, default: 24, pattern: undefined },
    }),
  step_seconds: z
    .enum(STEPS)
    .transform(Number)
    .default(300)
    .meta({
      description: 'Seconds from one point to the next; each is a mean',
      override: { type: 'integer', enum: STEPS.map(Number), default: 300 },
    }),
});

const point = z.strictObject({
  time: z.iso.datetime().meta({ description: 'Start of the step' }),
  price: z.number(),
  sentiment: z.number(),
  samples: z.int().min(1),
});

export const history = z.strictObject({ step_seconds: z.int(), points: z.array(point) }).meta({ id: 'History' });

const toPoint = ([step, samples]: [number, Sample[]], stepMs: number): z.infer<typeof point> => ({
  time: new Date(step * stepMs).toISOString(),
  price: mean(samples.map(({ price }) => price)),
  sentiment: mean(samples.map(({ sentiment }) => sentiment)),
  samples: samples.length,
});

/**
 * Means of price and sentiment in steps aligned to the epoch, over the hours before the latest sample; steps without
 * samples are left out.
 * @throws Problem not-found, redis-unavailable
 */
export const readHistory = async (query: z.infer<typeof historyQuery>): Promise<z.infer<typeof history>> => {
  const source = config().feed;
  const latestMs = await latestSampleMs(source);
  if (latestMs === undefined) throw noSamples();
  const fromMs = latestMs - query.hours * HOUR_MS;
  const firstHour = Math.floor(fromMs / HOUR_MS);
  const hours = Array.from({ length: query.hours + 1 }, (_, at) => firstHour + at);
  const samples = (await readHours(source, hours)).flat().filter(({ timeMs }) => timeMs > fromMs);
  const stepMs = query.step_seconds * 1_000;
  const steps = Map.groupBy(samples, ({ timeMs }) => Math.floor(timeMs / stepMs));
  return { step_seconds: query.step_seconds, points: [...steps].map((each) => toPoint(each, stepMs)) };
};

/** What the page covers: a day; 288 points draw a line without corners at any width. */
const DAY = { hours: 24, step_seconds: 300 };

let reading: { readonly latestMs: number; readonly value: Promise<z.infer<typeof history>> } | undefined;
let last: z.infer<typeof history> = { step_seconds: DAY.step_seconds, points: [] };

/**
 * The history of the day before the latest sample, read once for each latest sample: page views cost Redis nothing.
 * While Redis is away the last that was read, or one without points.
 * @throws Problem not-found
 */
export const readDay = async (latestMs: number): Promise<z.infer<typeof history>> => {
  if (reading?.latestMs !== latestMs) reading = { latestMs, value: readHistory(DAY) };
  const mine = reading;
  try {
    last = await mine.value;
  } catch (error) {
    if (reading === mine) reading = undefined;
    if (!(error instanceof Problem) || error.code !== 'redis-unavailable') throw error;
  }
  return last;
};

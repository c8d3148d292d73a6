import type * as z from 'zod';
import type { history } from '../../../shared/domain/bitcoin/history.ts';
import type { summary } from '../../../shared/domain/bitcoin/summary.ts';
import { HOUR_MS } from '../../../shared/timing.ts';
import type { Measure } from './format.ts';

export type Summary = z.infer<typeof summary>;
export type History = z.infer<typeof history>;
export type Series = ReturnType<typeof toSeries>;
export type Point = Series['points'][number];
export type Hour = Series['hours'][number];

/** What the page draws. Times are milliseconds. */
export const toSeries = (summary: Summary, { step_seconds, points: steps }: History) => {
  const stepMs = step_seconds * 1000;
  const points = steps.map(({ time, ...values }) => {
    const start = Date.parse(time);
    return { ...values, start, middle: start + stepMs / 2 };
  });
  const hours = summary.hourly_average_of_averages.map(({ time, ...values }) => ({
    ...values,
    start: Date.parse(time),
  }));
  const asOf = Date.parse(summary.as_of);
  const decidesFrom = (Math.floor(asOf / HOUR_MS) - 2) * HOUR_MS;
  const to = Math.max(asOf, (points.at(-1)?.start ?? 0) + stepMs);
  return {
    stepMs,
    points,
    /** The hours that decide, oldest first. */
    hours,
    /** The span of the chart, and where the hours that decide begin. */
    from: Math.min(points[0]?.start ?? to, decidesFrom),
    to,
    decidesFrom,
  };
};

/** The points in runs without a missing step, because no line may be drawn across a gap. */
export const splitAtGaps = (points: readonly Point[], stepMs: number): Point[][] => {
  const runs: Point[][] = [];
  for (const [at, point] of points.entries()) {
    const before = points[at - 1];
    if (before === undefined || point.start - before.start > stepMs) runs.push([]);
    runs.at(-1)?.push(point);
  }
  return runs;
};

/** The averages of each hour before `until`, newest first. Each point weighs as much as it has samples. */
export const averageByHour = (points: readonly Point[], until: number): Hour[] => {
  const earlier = points.filter(({ start }) => start < until);
  const byHour = Map.groupBy(earlier, ({ start }) => Math.floor(start / HOUR_MS) * HOUR_MS);
  const hours = [...byHour].map(([start, inHour]) => {
    const samples = inHour.reduce((sum, point) => sum + point.samples, 0);
    const mean = (name: Measure) => inHour.reduce((sum, point) => sum + point[name] * point.samples, 0) / samples;
    return { start, price: mean('price'), sentiment: mean('sentiment'), samples, complete: true };
  });
  return hours.reverse();
};

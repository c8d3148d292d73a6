import type * as z from 'zod';
import type { history } from '../../../shared/domain/bitcoin/history.ts';
import type { summary } from '../../../shared/domain/bitcoin/summary.ts';
import { HOUR_MS } from '../../../shared/timing.ts';
import type { Measure } from './format.ts';

export type Summary = z.infer<typeof summary>;
export type History = z.infer<typeof history>;

/** With its start in milliseconds. */
type Placed<T> = Readonly<Omit<T, 'time'>> & { readonly start: number };

/** One point of the chart: the averages of one step, placed at the middle of it. */
export type Point = Placed<History['points'][number]> & { readonly middle: number };
export type Hour = Placed<Summary['hourly_average_of_averages'][number]>;

/** What the page draws, with times as milliseconds. */
export interface Series {
  readonly stepMs: number;
  readonly points: readonly Point[];
  /** The hours that decide, oldest first. */
  readonly hours: readonly Hour[];
  /** The span of the chart, and where in it the hours that decide begin. */
  readonly from: number;
  readonly to: number;
  readonly decidesFrom: number;
}

export const toSeries = (summary: Summary, { step_seconds, points }: History): Series => {
  const stepMs = step_seconds * 1000;
  const placed = points.map(({ time, ...values }) => {
    const start = Date.parse(time);
    return { ...values, start, middle: start + stepMs / 2 };
  });
  const hours = summary.hourly_average_of_averages.map(({ time, ...values }) => ({
    ...values,
    start: Date.parse(time),
  }));
  const asOf = Date.parse(summary.as_of);
  const latestHour = Math.floor(asOf / HOUR_MS) * HOUR_MS;
  const to = Math.max(asOf, (placed.at(-1)?.start ?? 0) + stepMs);
  return {
    stepMs,
    points: placed,
    hours,
    from: Math.min(placed[0]?.start ?? to, latestHour - 2 * HOUR_MS),
    to,
    decidesFrom: latestHour - 2 * HOUR_MS,
  };
};

/** Runs of points with no step missing between them: a line must not be drawn over a gap. */
export const splitAtGaps = (points: readonly Point[], stepMs: number): Point[][] => {
  const runs: Point[][] = [];
  for (const point of points) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run === undefined || last === undefined || point.start - last.start > stepMs) runs.push([point]);
    else run.push(point);
  }
  return runs;
};

/** Averages of each hour before `until`, newest first: a mean of steps weighed by their samples is the mean of all. */
export const averageByHour = (points: readonly Point[], until: number): Hour[] => {
  const byHour = Map.groupBy(
    points.filter(({ start }) => start < until),
    ({ start }) => Math.floor(start / HOUR_MS) * HOUR_MS,
  );
  return [...byHour]
    .map(([start, inHour]) => {
      const samples = inHour.reduce((sum, point) => sum + point.samples, 0);
      const mean = (name: Measure) => inHour.reduce((sum, point) => sum + point[name] * point.samples, 0) / samples;
      return { start, price: mean('price'), sentiment: mean('sentiment'), samples, complete: true };
    })
    .reverse();
};

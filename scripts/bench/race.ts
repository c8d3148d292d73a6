import { flood, type RequestSpec } from './http-load.ts';
import { type RunningServer, type ServerSpec, startServer } from './machine.ts';
import type { Figure, Row } from './report.ts';

const SECONDS = 1;
/** What is deployed needs seconds until V8 has optimized it. */
const WARM_UP_ROUNDS = 4;

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
};

interface Measurement<T> {
  readonly name: string;
  readonly measure: () => Promise<T>;
}

interface Series<T> {
  readonly name: string;
  readonly results: readonly T[];
}

/** Measures in turn (A B C, A B C, …), so that a slow moment of the machine affects all alike. The first rounds warm up. */
export const takeTurns = async <T>(
  rounds: number,
  measurements: readonly Measurement<T>[],
  warmUpRounds = 1,
): Promise<Series<T>[]> => {
  const series = measurements.map((measurement) => {
    const results: T[] = [];
    return { ...measurement, results };
  });
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const { measure, results } of series) {
      const result = await measure();
      if (round >= 0) results.push(result);
    }
  }
  return series;
};

export const medians = <T>(series: readonly Series<T>[], pick: (result: T) => number): Figure[] =>
  series.map(({ name, results }) => ({ name, value: median(results.map(pick)) }));

export interface Contestant {
  readonly name: string;
  readonly spec: ServerSpec;
  readonly request: RequestSpec;
}

/**
 * Measures each server in turn under full load, and keeps the half of its rounds that took the least CPU: a virtual machine's
 * neighbours can only slow a round down, and do so for seconds, by up to half.
 * @param redisCpuSeconds CPU time to add to the server's own
 */
export const race = async (contestants: readonly Contestant[], rounds: number, redisCpuSeconds = async () => 0) => {
  const servers: RunningServer[] = [];
  try {
    const measurements = [];
    for (const { name, spec, request } of contestants) {
      const server = await startServer(spec);
      servers.push(server);
      const cpuSeconds = async () => server.cpuSeconds() + (await redisCpuSeconds());
      const measure = async () => {
        const before = await cpuSeconds();
        const load = await flood(server, request, SECONDS);
        return { ...load, cpuMicros: (((await cpuSeconds()) - before) / load.requests) * 1e6 };
      };
      measurements.push({ name, measure });
    }
    const series = await takeTurns(rounds, measurements, WARM_UP_ROUNDS);
    return series.map(({ name, results }) => {
      const sorted = results.toSorted((a, b) => a.cpuMicros - b.cpuMicros);
      return { name, results: sorted.slice(0, Math.ceil(sorted.length / 2)) };
    });
  } finally {
    for (const server of servers) await server.stop();
  }
};

const LOAD_FIGURES = [
  { what: 'CPU of one request', unit: 'µs', figure: 'cpuMicros' },
  { what: 'at full load', unit: 'requests/s', figure: 'perSecond' },
  { what: 'p50 at full load', unit: 'ms', figure: 'p50Ms' },
  { what: 'p99 at full load', unit: 'ms', figure: 'p99Ms' },
] as const;

/** @param goal for the ratios of CPU time */
export const loadRows = (name: string, goal: string, series: Awaited<ReturnType<typeof race>>): Row[] =>
  LOAD_FIGURES.map(({ what, unit, figure }) => ({
    name: `${name}, ${what}`,
    unit,
    figures: medians(series, (result) => result[figure]),
    ...(figure === 'cpuMicros' && { goal }),
  }));

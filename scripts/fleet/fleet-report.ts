import { markdownTable } from '../local/markdown-table.ts';
import type { Outcome } from './fleet-scenarios.ts';
import type { Word } from './fleet-workers.ts';

/* What the fleet shows while it runs, and at its end. */

const LINE_MS = 500;
const BAR = 30;

/** An outage of many seconds misses this: shared/README.md says why an instance goes on dialling. */
const MOST_DIALS = 4;
const RECOVERY_MS = 5_000;
const LONGEST_MS = 1_500;
/** A few instances have no request while recovery is watched. */
const LEAST_SERVED = 0.98;

/** A line each half second: dials and failures a second, each with a bar that is full at one for every instance. */
export const startDrawing = (instances: number) => {
  let dials = 0;
  let failures = 0;
  let peak = 0;
  const startedAt = performance.now();
  const show = (perSecond: number, sign: string) => {
    const length = Math.min(BAR, Math.ceil((perSecond / instances) * BAR));
    return `${String(perSecond).padStart(5)} ${sign.repeat(length).padEnd(BAR)}`;
  };
  const timer = setInterval(() => {
    const [d = 0, f = 0] = [dials, failures].map((count) => (count * 1_000) / LINE_MS);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6);
    console.log(`${seconds} s  dials/s ${show(d, '▇')}  failures/s ${show(f, '░')}`);
    peak = Math.max(peak, d);
    dials = 0;
    failures = 0;
  }, LINE_MS);
  return {
    onTick: (tick: Extract<Word, { do: 'tick' }>): void => {
      dials += tick.dials;
      failures += tick.failures;
    },
    /** The most dials a second since it was last asked. */
    takePeak: (): number => {
      const taken = peak;
      peak = 0;
      return taken;
    },
    stop: () => clearInterval(timer),
  };
};

export interface Row extends Outcome {
  readonly peakDials: number;
}

const describe = ({ name, awayMs, served, report, peakDials }: Row) => {
  const { instances, answered, refused, longestMs } = report;
  const dials = instances.map((instance) => instance.dials);
  const mean = dials.reduce((sum, count) => sum + count, 0) / dials.length;
  const recovered = instances.filter(({ isServed }) => isServed);
  const lastMs = Math.max(0, ...recovered.map(({ lastRefusedMs }) => lastRefusedMs));
  // A cluster's dial is one to a seed and one to each of three primaries.
  const mostDials = MOST_DIALS * (name.startsWith('cluster') ? 4 : 1);
  const missed = [
    ...(served === instances.length && Math.max(...dials) > mostDials ? ['dials'] : []),
    ...(lastMs > RECOVERY_MS || recovered.length < LEAST_SERVED * served ? ['recovery'] : []),
    ...(longestMs > LONGEST_MS ? ['wait'] : []),
  ];
  return {
    scenario: name,
    'Redis away, ms': Math.round(awayMs),
    answered,
    '503s': refused,
    'dials until served, mean / most': `${mean.toFixed(1)} / ${Math.max(...dials)}`,
    'most dials a second': peakDials,
    'served again': `${recovered.length} of ${served}`,
    'last 503 after, ms': Math.round(lastMs),
    'longest wait, ms': Math.round(longestMs),
    'goals met': missed.length === 0 ? 'yes' : `no: ${missed.join(', ')}`,
  };
};

/** The table at the end, in Markdown. */
export const fleetTable = (rows: readonly Row[]): string => markdownTable(rows.map(describe));

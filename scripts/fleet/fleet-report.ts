import { markdownTable } from '../local/markdown-table.ts';
import type { Outcome } from './fleet-scenarios.ts';
import type { Tick } from './fleet-workers.ts';

const LINE_MS = 500;
const BAR = 30;

/** These are goals. A long outage exceeds this one, because instances keep dialling: shared/README.md says why. */
const MOST_DIALS = 4;
const RECOVERY_MS = 5_000;
const LONGEST_MS = 1_500;
/** At one request per second, a few instances send none while recovery is watched. */
const LEAST_SERVED = 0.98;

/** Prints a line every half second: dials and failures per second. A full bar means one per instance. */
export const startDrawing = (instances: number) => {
  let dials = 0;
  let failures = 0;
  let peak = 0;
  const startedAt = performance.now();
  const draw = (perSecond: number, sign: string) => {
    const length = Math.min(BAR, Math.ceil((perSecond / instances) * BAR));
    return `${String(perSecond).padStart(5)} ${sign.repeat(length).padEnd(BAR)}`;
  };
  const timer = setInterval(() => {
    const [dialRate, failureRate] = [(dials * 1_000) / LINE_MS, (failures * 1_000) / LINE_MS];
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6);
    console.log(`${seconds} s  dials/s ${draw(dialRate, '▇')}  failures/s ${draw(failureRate, '░')}`);
    peak = Math.max(peak, dialRate);
    dials = 0;
    failures = 0;
  }, LINE_MS);
  return {
    onTick: (tick: Tick): void => {
      dials += tick.dials;
      failures += tick.failures;
    },
    /** The most dials per second since the last call. */
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
  const { instances, answered, refused, longestMs, stallMs } = report;
  const dials = instances.map((instance) => instance.dials);
  const mean = dials.reduce((sum, count) => sum + count, 0) / dials.length;
  const recovered = instances.filter(({ isServed }) => isServed);
  const lastMs = Math.max(0, ...recovered.map(({ lastRefusedMs }) => lastRefusedMs));
  // A cluster client dials a seed and each of the three primaries.
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
    'longest stall of a process here, ms': Math.round(stallMs),
    'goals met': missed.length === 0 ? 'yes' : `no: ${missed.join(', ')}`,
  };
};

export const fleetTable = (rows: readonly Row[]): string => markdownTable(rows.map(describe));

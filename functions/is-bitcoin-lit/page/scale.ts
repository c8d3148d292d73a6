import { HOUR_MS } from '../../../shared/timing.ts';

/** Where values stand on an axis: 0 is the bottom or the left, 1 the top or the right. */
export interface Scale {
  readonly low: number;
  readonly high: number;
}

const ROOM = 0.1;
const STEPS = [1, 2, 2.5, 5, 10] as const;

/** A scale that shows all values with some room above and below; `least` is the smallest span that means anything. */
export const fitScale = (values: readonly number[], least: number): Scale => {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = Math.max((high - low) * ROOM, (least - (high - low)) / 2);
  return { low: low - room, high: high + room };
};

export const place = (value: number, { low, high }: Scale): number => (value - low) / (high - low);

/** Round values inside a scale, at most `most` of them. */
export const chooseTicks = ({ low, high }: Scale, most: number): number[] => {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * step);
};

/** Every `hours` full hours (UTC) inside a scale of milliseconds. */
export const chooseHourTicks = ({ low, high }: Scale, hours: number): number[] => {
  const step = hours * HOUR_MS;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, at) => (first + at) * step);
};

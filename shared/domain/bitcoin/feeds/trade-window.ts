import * as z from 'zod';
import type { Sample } from './feed.ts';

/** The time that one sample covers. Windows are aligned to the epoch. */
export const WINDOW_SECONDS = 30;
/** Kraken quotes this many, and the store packs this many without loss. */
const PRICE_DIGITS = 5;
const SENTIMENT_DIGITS = 6;

/** Kraken sends 5 decimals for prices and 8 for volumes. */
const MAX_DECIMALS = 10;
const UNIT = 10n ** BigInt(MAX_DECIMALS);
const DECIMAL = /^\d{1,12}(\.\d{1,10})?$/;

/** A decimal string in units of 10^-10, exact because sums of doubles drift; 0 for anything else. */
export const parseDecimal = (value: unknown): bigint => {
  if (typeof value !== 'string' || !DECIMAL.test(value)) return 0n;
  const [whole = '', fraction = ''] = value.split('.');
  return BigInt(whole + fraction.padEnd(MAX_DECIMALS, '0'));
};

/** `dividend / divisor` rounded once, half away from zero, to this many decimals. `divisor` is above zero. */
const divideRounded = (dividend: bigint, divisor: bigint, decimals: number): number => {
  const size = dividend < 0n ? -dividend : dividend;
  const rounded = (size * 10n ** BigInt(decimals) * 2n + divisor) / (divisor * 2n);
  return Number(dividend < 0n ? -rounded : rounded) / 10 ** decimals;
};

/** A valid trade. `price` and `volume` are above zero, in units of 10^-10. */
export interface Trade {
  /** Identifies the trade. */
  readonly key: string;
  readonly seconds: number;
  readonly price: bigint;
  readonly volume: bigint;
  /** Whether the taker bought. */
  readonly isBuy: boolean;
}

const amount = z
  .string()
  .regex(/^\d{1,60}$/)
  .transform(BigInt);

/** The sums so far of a window that still gets trades. They are exact, so the order of the trades does not matter. */
export const openWindow = z.object({
  /** Seconds since the epoch, a multiple of WINDOW_SECONDS. */
  start: z.int(),
  /** Sum of price times volume, in units of 10^-20. */
  turnover: amount,
  bought: amount,
  sold: amount,
});

export type OpenWindow = Readonly<z.infer<typeof openWindow>>;

export const windowStart = (seconds: number): number => Math.floor(seconds / WINDOW_SECONDS) * WINDOW_SECONDS;

export const emptyWindow = (start: number): OpenWindow => ({ start, turnover: 0n, bought: 0n, sold: 0n });

/**
 * Adds trades, in any order but none from before `current`, and moves on to the window that starts at `reached`.
 * @returns one sample for each completed window that had trades, and the window that is open now
 */
export const addTrades = (current: OpenWindow, trades: readonly Trade[], reached: number) => {
  const samples: Sample[] = [];
  let { start, turnover, bought, sold } = current;
  const moveTo = (next: number): void => {
    if (next <= start) return;
    const volume = bought + sold;
    if (volume > 0n) {
      const price = divideRounded(turnover, volume * UNIT, PRICE_DIGITS);
      const sentiment = divideRounded(bought - sold, volume, SENTIMENT_DIGITS);
      samples.push({ timeMs: start * 1_000, price, sentiment });
    }
    ({ start, turnover, bought, sold } = emptyWindow(next));
  };
  for (const { seconds, price, volume, isBuy } of trades.toSorted((a, b) => a.seconds - b.seconds)) {
    moveTo(windowStart(seconds));
    turnover += price * volume;
    if (isBuy) bought += volume;
    else sold += volume;
  }
  moveTo(reached);
  return { samples, open: { start, turnover, bought, sold } };
};

import type { Sample } from './feed.ts';

/** Digits after the point that a decimal text may have; Kraken gives 5 for prices and 8 for volumes. */
const MAX_DIGITS = 10;

/** How many units 1 is. */
const UNIT = 10n ** BigInt(MAX_DIGITS);

/** A positive or zero decimal without an exponent, of at most 12 digits before the point and 10 after it. */
export const DECIMAL = /^\d{1,12}(\.\d{1,10})?$/;

/** The value of a DECIMAL in units of 10^-10: exact, where a double would drift from sum to sum. */
export const parseDecimal = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(MAX_DIGITS, '0'));
};

/** `dividend / divisor` rounded once, half away from zero, to `digits` after the point; `divisor` is above zero. */
const divideRounded = (dividend: bigint, divisor: bigint, digits: number): number => {
  const size = dividend < 0n ? -dividend : dividend;
  const rounded = (size * 10n ** BigInt(digits) * 2n + divisor) / (divisor * 2n);
  return Number(dividend < 0n ? -rounded : rounded) / 10 ** digits;
};

/** The time that a row covers, aligned to the epoch. */
export const WINDOW_SECONDS = 30;
/** As many as Kraken quotes; a packed sample of the store holds as many. */
const PRICE_DIGITS = 5;
const SENTIMENT_DIGITS = 6;

/** A trade whose texts have been checked. `price` and `volume` are above zero, in units of 10^-10. */
export interface Trade {
  /** Tells it from every other trade. */
  readonly key: string;
  readonly seconds: number;
  readonly price: bigint;
  readonly volume: bigint;
  /** Whether the taker bought. */
  readonly isBuy: boolean;
}

/** What has been traded so far in the window that starts at `start`. Exact sums: their order changes nothing. */
export interface OpenWindow {
  /** Seconds since the epoch, a multiple of WINDOW_SECONDS. */
  readonly start: number;
  /** Sum of price times volume, in units of 10^-20. */
  readonly turnover: bigint;
  readonly bought: bigint;
  readonly sold: bigint;
}

export const windowStart = (seconds: number): number => Math.floor(seconds / WINDOW_SECONDS) * WINDOW_SECONDS;

export const openWindow = (start: number): OpenWindow => ({ start, turnover: 0n, bought: 0n, sold: 0n });

const addTrade = ({ start, turnover, bought, sold }: OpenWindow, trade: Trade): OpenWindow => ({
  start,
  turnover: turnover + trade.price * trade.volume,
  bought: trade.isBuy ? bought + trade.volume : bought,
  sold: trade.isBuy ? sold : sold + trade.volume,
});

/** The row of a complete window: none when nothing was traded in it. */
const toSamples = ({ start, turnover, bought, sold }: OpenWindow): Sample[] => {
  const volume = bought + sold;
  if (volume === 0n) return [];
  return [
    {
      timeMs: start * 1_000,
      price: divideRounded(turnover, volume * UNIT, PRICE_DIGITS),
      sentiment: divideRounded(bought - sold, volume, SENTIMENT_DIGITS),
    },
  ];
};

interface Progress {
  readonly samples: readonly Sample[];
  readonly open: OpenWindow;
}

/** Goes on to the window that starts at `start`, and gives the row of the one that this completes. */
export const advance = (open: OpenWindow, start: number): Progress =>
  start > open.start ? { samples: toSamples(open), open: openWindow(start) } : { samples: [], open };

/** Adds trades in any order. `late` counts those of windows already given away: a stored row never changes. */
export const addTrades = (before: OpenWindow, trades: readonly Trade[]): Progress & { readonly late: number } => {
  const samples: Sample[] = [];
  let open = before;
  let late = 0;
  for (const trade of trades.toSorted((a, b) => a.seconds - b.seconds)) {
    const start = windowStart(trade.seconds);
    if (start < before.start) {
      late += 1;
      continue;
    }
    const next = advance(open, start);
    samples.push(...next.samples);
    open = addTrade(next.open, trade);
  }
  return { samples, open, late };
};

import * as z from 'zod';
import type { Feed, FeedPage } from './feed.ts';
import { fetchRows } from './fetch-rows.ts';
import { nanoseconds, parseLast, parseTrade } from './kraken-page.ts';
import { addTrades, emptyWindow, openWindow, type Trade, WINDOW_SECONDS, windowStart } from './trade-window.ts';

const PAGE_TRADES = 1_000;
/** `{"result": {"XXBTZUSD": [ … ]}}` */
const TRADES_DEPTH = 3;
const FIRST_SECONDS_BACK = 86_400;
/** Kraken may add a trade to a window this long after the window has ended. */
const LATE_SECONDS = 2;
const SECOND_NS = 1_000_000_000n;
/** A trade's time is a double, exact to a quarter of a microsecond; `last` is exact to a nanosecond. */
const EDGE_NS = 1_000n;

/**
 * Everything needed to go on reading: the next `since`, the sums of the open window, and the trades at the edge of the
 * page, which the next page may repeat. So a crash only repeats the last page, with the same samples, and a window may
 * span any number of pages.
 */
const cursor = z.object({ since: nanoseconds, open: openWindow, edge: z.array(z.string()) });

export type KrakenCursor = Readonly<z.infer<typeof cursor>>;

export const printCursor = (value: KrakenCursor): string =>
  JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? String(field) : field));

/** Undefined for text that `printCursor` did not write. Reading then starts over and finds its samples stored already. */
export const parseCursor = (text: string): KrakenCursor | undefined => {
  try {
    return cursor.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

/** Starts before the first trade of the window at `seconds`, whether or not Kraken includes a trade at `since` itself. */
export const cursorAt = (seconds: number): KrakenCursor => {
  const start = windowStart(seconds);
  return { since: BigInt(start) * SECOND_NS - 1n, open: emptyWindow(start), edge: [] };
};

const urlOf = (base: string, since: bigint): URL => {
  const url = new URL(base);
  if (url.pathname === '/') url.pathname = '/0/public/Trades';
  if (!url.searchParams.has('pair')) url.searchParams.set('pair', 'XBTUSD');
  url.searchParams.set('since', String(since));
  url.searchParams.set('count', String(PAGE_TRADES));
  return url;
};

const toNanoseconds = (seconds: number): bigint => BigInt(Math.round(seconds * 1e6)) * 1_000n;

export interface KrakenPage {
  readonly trades: readonly Trade[];
  readonly rejected: number;
  /** The `since` of the next page, in nanoseconds. */
  readonly last: bigint;
}

/**
 * Reads the page that follows `from`. A window is complete when the page, or its `last`, goes past the window's end.
 * @param clockSeconds the slower of Kraken's clock and our own. A fast clock would complete a window too early, and a
 * stored sample never changes
 */
export const readPage = (from: KrakenCursor, page: KrakenPage, clockSeconds: number): FeedPage => {
  const { since, open: current } = from;
  // The stream ends at a page that is empty or a repetition. From here, only the clock can complete the open window.
  if (page.last <= since) {
    const end = current.start + WINDOW_SECONDS;
    const { samples, open } = addTrades(current, [], clockSeconds < end + LATE_SECONDS ? current.start : end);
    return { samples, rejected: 0, cursor: printCursor({ ...from, open }), isLast: true };
  }
  const repeated = new Set(from.edge);
  const fresh = page.trades.filter(({ key }) => !repeated.has(key));
  const inTime = fresh.filter(({ seconds }) => seconds >= current.start);
  const reached = windowStart(Number(page.last / SECOND_NS));
  const { samples, open } = addTrades(current, inTime, reached);
  const atEdge = page.trades.filter(({ seconds }) => toNanoseconds(seconds) + EDGE_NS >= page.last);
  return {
    samples,
    rejected: page.rejected + fresh.length - inTime.length,
    cursor: printCursor({ since: page.last, open, edge: atEdge.map(({ key }) => key) }),
    // What follows belongs to the window in progress.
    isLast: reached >= windowStart(clockSeconds),
  };
};

/** Kraken's public trades, as one sample for each complete window of 30 seconds. */
export const kraken = (base: string): Feed => ({
  name: 'kraken',
  maxPages: 8,
  spacingMs: 1_000,
  read: async ({ cursor: text, nowMs, signal }) => {
    const from = parseCursor(text ?? '') ?? cursorAt(nowMs / 1_000 - FIRST_SECONDS_BACK);
    const toRow = (value: unknown) => parseTrade(value, nowMs);
    const answer = await fetchRows(urlOf(base, from.since), { depth: TRADES_DEPTH, toRow, nowMs, signal });
    const { frame, rows, rejected, dateMs } = answer;
    const clockMs = Number.isNaN(dateMs) ? nowMs : Math.min(nowMs, dateMs);
    return readPage(from, { trades: rows, rejected, last: parseLast(frame, nowMs) }, clockMs / 1_000);
  },
});

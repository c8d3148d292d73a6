import type { Feed, FeedPage } from './feed.ts';
import { fetchRows } from './fetch-rows.ts';
import { cursorAt, type KrakenCursor, parseCursor, printCursor } from './kraken-cursor.ts';
import { type KrakenPage, parseLast, parseTrade } from './kraken-page.ts';
import { addTrades, advance, WINDOW_SECONDS, windowStart } from './trade-window.ts';

const PAGE_TRADES = 1_000;
/** `{"result": {"XXBTZUSD": [ … ]}}` */
const TRADES_DEPTH = 3;
const FIRST_SECONDS_BACK = 86_400;
/** Kraken may list a trade of a window this long after its end. */
const LATE_SECONDS = 2;
/** A double of seconds tells moments apart by a quarter of a microsecond, `last` by a nanosecond. */
const EDGE_NS = 1_000n;

const urlOf = (base: string, since: bigint): URL => {
  const url = new URL(base);
  if (url.pathname === '/') url.pathname = '/0/public/Trades';
  if (!url.searchParams.has('pair')) url.searchParams.set('pair', 'XBTUSD');
  url.searchParams.set('since', String(since));
  url.searchParams.set('count', String(PAGE_TRADES));
  return url;
};

const microseconds = (seconds: number): bigint => BigInt(Math.round(seconds * 1e6)) * 1_000n;

/** The end of the stream: only the clock can tell that the open window is complete, and it need be so just once. */
const closeByClock = (cursor: KrakenCursor, clockSeconds: number): FeedPage => {
  const { start } = cursor.open;
  const isOver = clockSeconds >= start + WINDOW_SECONDS + LATE_SECONDS;
  const { samples, open } = advance(cursor.open, isOver ? start + WINDOW_SECONDS : start);
  return { samples, rejected: 0, cursor: printCursor({ ...cursor, open }), isLast: true };
};

/**
 * One page after the other of a stream of trades: `page` is what the feed has after `cursor`. A window is complete
 * when the page, or its `last`, reaches beyond it.
 * @param clockSeconds the time by the slower of the two clocks, the feed's and our own: a clock that is fast would
 * close a window before its time, and a stored row never changes
 */
export const readPage = (cursor: KrakenCursor, page: KrakenPage, clockSeconds: number): FeedPage => {
  // A page that does not lead on is the end, whatever it holds: an empty one, or the same one again.
  if (page.last <= cursor.since) return closeByClock(cursor, clockSeconds);
  const repeated = new Set(cursor.edge);
  const fresh = page.trades.filter(({ key }) => !repeated.has(key));
  const added = addTrades(cursor.open, fresh);
  const reached = Number(page.last / (BigInt(WINDOW_SECONDS) * 1_000_000_000n)) * WINDOW_SECONDS;
  const { samples, open } = advance(added.open, reached);
  const edge = page.trades.filter(({ seconds }) => microseconds(seconds) + EDGE_NS >= page.last).map(({ key }) => key);
  return {
    samples: [...added.samples, ...samples],
    rejected: page.rejected + added.late,
    cursor: printCursor({ since: page.last, open, edge }),
    // What may follow belongs to the window in progress.
    isLast: reached >= windowStart(clockSeconds),
  };
};

/** Kraken's public trades, made into one row for each complete window of 30 seconds. */
export const kraken = (base: string): Feed => ({
  name: 'kraken',
  maxPages: 8,
  spacingMs: 1_000,
  read: async ({ cursor: text, nowMs, signal }) => {
    const cursor = parseCursor(text ?? '') ?? cursorAt(nowMs / 1_000 - FIRST_SECONDS_BACK);
    const toRow = (value: unknown) => parseTrade(value, nowMs);
    const { frame, rows, rejected, dateMs } = await fetchRows(urlOf(base, cursor.since), {
      depth: TRADES_DEPTH,
      toRow,
      nowMs,
      signal,
    });
    const clockMs = Number.isNaN(dateMs) ? nowMs : Math.min(nowMs, dateMs);
    return readPage(cursor, { trades: rows, rejected, last: parseLast(frame, nowMs) }, clockMs / 1_000);
  },
});

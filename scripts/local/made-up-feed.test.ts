import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { krakenTrades, sentiCryptRows, startMadeUpFeed } from './made-up-feed.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 3, 5, 12, 0, 7);
/** Any time within fifty years. */
const moment = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2050, 0) });

/** A row in the format of the real feed: the price is a string, sometimes without decimals. */
const row = z.strictObject({
  count: z.int().positive(),
  timestamp: z.number(),
  rate: z.number().nonnegative(),
  last: z.number().min(-1).max(1),
  sum: z.number(),
  mean: z.number().min(-1).max(1),
  median: z.number().min(-1).max(1),
  btc_price: z.string().regex(/^\d+(\.\d{1,2})?$/),
});

const trade = z.tuple([
  z.string().regex(/^\d+\.\d{5}$/),
  z.string().regex(/^\d+\.\d{8}$/),
  z.number(),
  z.enum(['b', 's']),
  z.enum(['m', 'l']),
  z.literal(''),
  z.int(),
]);
const page = z.strictObject({
  error: z.tuple([]),
  result: z.strictObject({ XXBTZUSD: z.array(trade).max(1_000), last: z.string().regex(/^\d+$/) }),
});

/** The gap to the row before, in windows of 30 seconds. */
const gapsOf = (rows: readonly { timestamp: number }[]) => {
  const windows = rows.map(({ timestamp }) => Math.floor(timestamp / 30));
  return windows.slice(1).map((window, at) => window - (windows[at] ?? 0));
};

describe('the made-up feed in the format of SentiCrypt', () => {
  it('has the fields of the real feed, with the price as a string', () => {
    fc.assert(
      fc.property(moment, (now) => z.array(row).safeParse(sentiCryptRows(now)).success),
      { numRuns: 20 },
    );
  });

  it('covers the last 24 hours, oldest first, and nothing in the future', () => {
    fc.assert(
      fc.property(moment, (now) => {
        const times = sentiCryptRows(now).map(({ timestamp }) => timestamp * 1_000);
        expect(times.toSorted((a, b) => a - b)).toEqual(times);
        expect(times[0]).toBeGreaterThan(now - DAY_MS - 120_000);
        expect(times.at(-1)).toBeGreaterThan(now - 180_000);
        expect(times.at(-1)).toBeLessThanOrEqual(now);
      }),
      { numRuns: 50 },
    );
  });

  it('returns the same rows for the same time in every response', () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: 0, max: DAY_MS }), (now, laterMs) => {
        const before = sentiCryptRows(now);
        const after = sentiCryptRows(now + laterMs);
        const [first = 0, last = 0] = [after[0]?.timestamp, before.at(-1)?.timestamp];
        expect(after.filter(({ timestamp }) => timestamp <= last)).toEqual(
          before.filter(({ timestamp }) => timestamp >= first),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('adds rows as time passes', () => {
    const newest = [0, 1, 2, 3].map((step) => sentiCryptRows(NOW + step * 120_000).at(-1)?.timestamp);
    expect(new Set(newest).size).toBe(4);
  });

  it('has gaps of mostly 30 seconds, some of 60 and 90, and no others', () => {
    const gaps = gapsOf(sentiCryptRows(NOW));
    expect([...new Set(gaps)].sort()).toEqual([1, 2, 3]);
    expect(gaps.filter((gap) => gap === 1).length / gaps.length).toBeGreaterThan(0.75);
  });

  it('includes prices without decimals', () => {
    const prices = sentiCryptRows(NOW).map(({ btc_price }) => btc_price);
    expect(prices.some((price) => !price.includes('.'))).toBe(true);
  });
});

describe('the made-up feed in the format of Kraken', () => {
  const nanoseconds = (ms: number) => BigInt(ms) * 1_000_000n;

  it('returns pages in the documented format, at most 1,000 trades, oldest first', () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: -DAY_MS, max: 2 * DAY_MS }), (now, agoMs) => {
        const { result } = page.parse(krakenTrades(nanoseconds(now - agoMs), now));
        const times = result.XXBTZUSD.map(([, , seconds]) => seconds);
        expect(times.toSorted((a, b) => a - b)).toEqual(times);
        expect(times.at(-1) ?? 0).toBeLessThanOrEqual(now / 1_000);
      }),
      { numRuns: 50 },
    );
  });

  it('returns a day of 60,000 trades once each, page by page, and then empty pages', () => {
    const ids: number[] = [];
    let since = 0n;
    for (let pages = 0; pages < 100; pages += 1) {
      const { result } = page.parse(krakenTrades(since, NOW));
      ids.push(...result.XXBTZUSD.map((each) => each[6]));
      since = BigInt(result.last);
    }
    expect(ids.length).toBeGreaterThan(59_000);
    expect(ids.length).toBeLessThan(61_000);
    expect(ids).toEqual(ids.map((_, at) => (ids[0] ?? 0) + at));
    expect(krakenTrades(since, NOW).result).toEqual({ XXBTZUSD: [], last: String(since) });
  });

  it('returns the same trades for the same time, wherever a page begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: DAY_MS - 1 }), fc.integer({ min: 0, max: 600_000 }), (agoMs, moreMs) => {
        const { result: whole } = krakenTrades(nanoseconds(NOW - agoMs - moreMs), NOW);
        const { result: part } = krakenTrades(nanoseconds(NOW - agoMs), NOW);
        const listed = new Map(whole.XXBTZUSD.map((each) => [each[6], each]));
        for (const each of part.XXBTZUSD) expect(listed.get(each[6]) ?? each).toEqual(each);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the made-up feed over HTTP', () => {
  let feed: Awaited<ReturnType<typeof startMadeUpFeed>>;
  beforeAll(async () => {
    feed = await startMadeUpFeed(() => NOW);
  });
  afterAll(() => feed.stop());

  const get = async (url: string) => {
    const response = await fetch(url);
    return { status: response.status, body: await response.json() };
  };

  it('serves both formats', async () => {
    expect((await get(feed.senticryptUrl)).body).toEqual(sentiCryptRows(NOW));
    expect((await get(`${feed.krakenUrl}?pair=XBTUSD`)).body).toEqual(krakenTrades(0n, NOW));
  });

  it('returns as many trades as requested', async () => {
    const { body } = await get(`${feed.krakenUrl}?pair=XBTUSD&count=7`);
    expect(page.parse(body).result.XXBTZUSD).toHaveLength(7);
  });

  it.each(['since=yesterday', 'since=-1', 'count=0', 'count=1001', 'count=many'])(
    'rejects %s with status 200 and an error, as Kraken does',
    async (query) => {
      const answer = await get(`${feed.krakenUrl}?pair=XBTUSD&${query}`);
      expect(answer).toEqual({ status: 200, body: { error: ['EGeneral:Invalid arguments'] } });
    },
  );

  it('rejects other pairs, as Kraken does', async () => {
    const answer = await get(`${feed.krakenUrl}?pair=NOSUCH`);
    expect(answer).toEqual({ status: 200, body: { error: ['EQuery:Unknown asset pair'] } });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeedPage, Sample } from './feed.ts';
import { cursorAt, type KrakenPage, parseCursor, printCursor, readPage } from './kraken.ts';
import { parseLast, parseTrade } from './kraken-page.ts';
import { createRowSplitter } from './row-splitter.ts';

type Row = readonly [price: string, volume: string, seconds: number, side: string, ...rest: unknown[]];

const answer = (rows: unknown[], last: unknown, pair = 'XXBTZUSD') => ({ error: [], result: { [pair]: rows, last } });

/** Parses an answer as `fetchRows` does. */
const parsePage = (value: unknown, nowMs: number): KrakenPage => {
  const splitter = createRowSplitter(3);
  const rows = [...splitter.split(Buffer.from(JSON.stringify(value)))].map((text) =>
    parseTrade(JSON.parse(text ?? 'null'), nowMs),
  );
  const trades = rows.filter((row) => row !== undefined);
  const last = parseLast(JSON.parse(splitter.takeFrame() ?? ''), nowMs);
  return { trades, rejected: rows.length - trades.length, last };
};

/** Reads one page from the start of the window at `from`. */
const readRows = (from: number, rows: unknown[], last: string, clock: number): FeedPage =>
  readPage(cursorAt(from), parsePage(answer(rows, last), clock * 1_000), clock);

describe("Kraken's documented examples", () => {
  it('give the sample of 2019 that was computed by hand', () => {
    const rows = [
      ['8552.90000', '0.03190270', 1_559_347_203.7998, 's', 'm', ''],
      ['8552.90000', '0.03155529', 1_559_347_203.8086, 's', 'm', ''],
    ];
    const page = readRows(1_559_347_200, rows, '1559347230000000000', 1_559_347_300);
    expect(page.samples).toEqual([{ timeMs: 1_559_347_200_000, price: 8_552.9, sentiment: -1 }]);
  });

  it('give the sample of 2023 that was computed by hand', () => {
    // 30243.3 + 0.1 * 0.34507674 / 0.3612035 = 30243.395535…; (0.34507674 - 0.01612676) / 0.3612035 = 0.910705…
    const rows = [
      ['30243.40000', '0.34507674', 1_688_669_597.8277369, 'b', 'm', '', 61_044_952],
      ['30243.30000', '0.00376960', 1_688_669_598.2804112, 's', 'l', '', 61_044_953],
      ['30243.30000', '0.01235716', 1_688_669_602.698379, 's', 'm', '', 61_044_956],
    ];
    const page = readRows(1_688_669_580, rows, '1688671969993150842', 1_688_672_000);
    expect(page.samples).toEqual([{ timeMs: 1_688_669_580_000, price: 30_243.39554, sentiment: 0.910705 }]);
    expect(parseCursor(page.cursor ?? '')?.since).toBe(1_688_671_969_993_150_842n);
  });
});

const START = 1_700_000_010;
const nanoOf = (seconds: number): bigint => BigInt(Math.round(seconds * 1e6)) * 1_000n;

/** Answers as Kraken would at the time `now`: up to `size` of the `rows` after `since`. */
const ask = (rows: readonly Row[], since: bigint, size: number, now: number, isInclusive: boolean) => {
  const after = rows.filter(([, , seconds]) => {
    const nano = nanoOf(seconds);
    return seconds <= now && (isInclusive ? nano >= since : nano > since);
  });
  const page = after.slice(0, size);
  const end = page.at(-1);
  return answer([...page].reverse(), String(end === undefined ? since : nanoOf(end[2])));
};

const store = (stored: Map<number, Sample>, samples: readonly Sample[]) => {
  for (const sample of samples) if (!stored.has(sample.timeMs)) stored.set(sample.timeMs, sample);
};

const sorted = (stored: Map<number, Sample>) => [...stored.values()].sort((a, b) => a.timeMs - b.timeMs);

const trades = fc
  .array(
    fc.record({
      gapMicros: fc.integer({ min: 1, max: 20_000_000 }),
      price: fc.integer({ min: 1, max: 99_999_999 }),
      volume: fc.integer({ min: 1, max: 999_999_999 }),
      isBuy: fc.boolean(),
      hasId: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((list) => {
    let micros = START * 1e6;
    return list.map(({ gapMicros, price, volume, isBuy, hasId }, at): Row => {
      micros += gapMicros;
      const texts = [(price / 1e3).toFixed(5), (volume / 1e8).toFixed(8)] as const;
      return [...texts, micros / 1e6, isBuy ? 'b' : 's', 'm', '', ...(hasId ? [at + 1] : [])];
    });
  });

const refreshes = fc.array(
  fc.record({
    waitSeconds: fc.integer({ min: 0, max: 200 }),
    pages: fc.integer({ min: 1, max: 8 }),
    // With one trade a page, an inclusive feed would repeat the same one for ever.
    size: fc.integer({ min: 2, max: 12 }),
    crash: fc.constantFrom('none', 'before storing', 'after storing'),
  }),
  { maxLength: 30 },
);

describe('a stream of trades', () => {
  it('gives the same samples however it is split into pages and refreshes, and wherever a refresh crashes', () => {
    fc.assert(
      fc.property(trades, refreshes, fc.boolean(), (rows, plan, isInclusive) => {
        const end = (rows.at(-1)?.[2] ?? START) + 100;
        const whole = readRows(START, [...rows], String(nanoOf(end)), end).samples;
        const stored = new Map<number, Sample>();
        let saved = printCursor(cursorAt(START));
        let now = START;
        const finish = { waitSeconds: 2_000, pages: 80, size: 12, crash: 'none' };
        for (const { waitSeconds, pages, size, crash } of [...plan, finish]) {
          now += waitSeconds;
          let cursor = saved;
          for (let page = 0; page < pages; page += 1) {
            const state = parseCursor(cursor) ?? cursorAt(START);
            const value = ask(rows, state.since, size, now, isInclusive);
            const read = readPage(state, parsePage(value, now * 1_000), now);
            if (crash === 'before storing') break;
            store(stored, read.samples);
            if (crash === 'after storing') break;
            cursor = read.cursor ?? cursor;
            saved = cursor;
            if (read.isLast) break;
          }
        }
        expect(sorted(stored)).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('is summed without drift: ten thousand trades at 0.1 have a mean price of exactly 0.1', () => {
    const rows = Array.from({ length: 10_000 }, (_, at) => ['0.10000', '0.10000000', START, at % 2 ? 'b' : 's']);
    const [row] = readRows(START, rows, String(nanoOf(START + 30)), START + 60).samples;
    expect(row).toEqual({ timeMs: START * 1_000, price: 0.1, sentiment: 0 });
  });

  it('gives no sample for a window without trades, nor for the one in progress', () => {
    const rows = [
      ['10.0', '1.0', START + 1, 'b'],
      ['20.0', '1.0', START + 61, 'b'],
    ];
    const page = readRows(START, rows, String(nanoOf(START + 61)), START + 65);
    expect(page.samples.map(({ timeMs }) => timeMs / 1_000 - START)).toEqual([0]);
    expect(page.isLast).toBe(true);
  });

  const pageOf = (rows: unknown[], last: bigint) => parsePage(answer(rows, String(last)), START * 1_000);
  const cursorOf = (page: FeedPage) => parseCursor(page.cursor ?? '') ?? cursorAt(0);
  const buy: Row = ['10.0', '1.0', START + 1, 'b'];

  it('completes its last window by the clock, two seconds after the end of that window', () => {
    const cursor = cursorOf(readRows(START, [buy], String(nanoOf(START + 1)), START + 2));
    expect(readPage(cursor, pageOf([], cursor.since), START + 31).samples).toEqual([]);
    expect(readPage(cursor, pageOf([], cursor.since), START + 32).samples).toHaveLength(1);
  });

  it('ends at a page whose "last" does not move, and counts none of its trades twice', () => {
    const first = readRows(START, [buy], String(nanoOf(START + 1)), START + 500);
    expect(first.isLast).toBe(false);
    const cursor = cursorOf(first);
    const again = readPage(cursor, pageOf([buy], cursor.since), START + 500);
    expect(again).toMatchObject({ isLast: true, samples: [{ price: 10, sentiment: 1 }] });
    const third = readPage(cursorOf(again), pageOf([buy], cursor.since), START + 900);
    expect(third).toMatchObject({ isLast: true, samples: [] });
  });

  it('rejects a trade of a window that is complete already', () => {
    const page = readPage(cursorAt(START + 60), pageOf([buy], nanoOf(START + 61)), START + 61);
    expect(page).toMatchObject({ samples: [], rejected: 1 });
  });
});

describe('a page from Kraken', () => {
  it.each([
    ['zero volume', ['10.0', '0.00000000', START, 'b']],
    ['negative volume', ['10.0', '-1.0', START, 'b']],
    ['a price of zero', ['0.0', '1.0', START, 'b']],
    ['a price as a number', [10, '1.0', START, 'b']],
    ['a price that is not a decimal', ['NaN', '1.0', START, 'b']],
    ['a price in another notation', ['1e3', '1.0', START, 'b']],
    ['an unknown side', ['10.0', '1.0', START, 'x']],
    ['a time as a string', ['10.0', '1.0', String(START), 'b']],
    ['a time in another century', ['10.0', '1.0', START * 2, 'b']],
    ['a time before Bitcoin', ['10.0', '1.0', 0, 'b']],
    ['too few fields', ['10.0', '1.0']],
    ['an object instead of a list', { price: '10.0' }],
  ])('rejects a trade with %s', (_what, row) => {
    const page = parsePage(answer([row, ['10.0', '1.0', START, 'b', 'm', '']], '1'), START * 1_000);
    expect([page.rejected, page.trades.length]).toEqual([1, 1]);
  });

  it('accepts trades from a clock that is an hour off', () => {
    const rows = [START - 3_600, START + 3_600].map((seconds) => ['10.0', '1.0', seconds, 's']);
    expect(parsePage(answer(rows, '1'), START * 1_000).rejected).toBe(0);
  });

  it('may name the pair in any way', () => {
    expect(parsePage(answer([['10.0', '1.0', START, 'b']], '1', 'BTC/USD'), START * 1_000).trades).toHaveLength(1);
  });

  it.each([
    ['no last', answer([], undefined)],
    ['a last that is a number', answer([], 1_700_000_000_000_000_000)],
    ['a negative last', answer([], '-1')],
    ['a last far in the future', answer([], '9999999999999999999')],
    ['no list of trades', { error: [], result: { last: '1' } }],
    ['two lists', { error: [], result: { A: [], B: [], last: '1' } }],
    ['no result', { error: [] }],
    ['no list of errors', { result: {} }],
    ['a list', []],
    ['null', null],
  ])('is feed-invalid with %s', (_what, value) => {
    expect(() => parsePage(value, START * 1_000)).toThrow(expect.objectContaining({ code: 'feed-invalid' }));
  });

  it.each([
    ['EGeneral:Invalid arguments', undefined],
    ['EAPI:Rate limit exceeded', undefined],
    ['EGeneral:Too many requests', undefined],
    [`EService: Throttled: ${START + 7}`, '7'],
    [`EService:Throttled: ${START - 7}`, undefined],
    ['<script>', undefined],
  ])('is feed-unavailable with the error "%s"', (error, retryAfter) => {
    const read = () => parsePage({ error: [error] }, START * 1_000);
    expect(read).toThrow(expect.objectContaining({ code: 'feed-unavailable' }));
    expect(read).not.toThrow(/script/);
    try {
      read();
    } catch (problem) {
      expect(problem).toHaveProperty('headers', retryAfter === undefined ? {} : { 'retry-after': retryAfter });
    }
  });
});

it('ignores a cursor that it did not write, so reading starts over', () => {
  expect(parseCursor('')).toBeUndefined();
  expect(parseCursor('{"since":1}')).toBeUndefined();
});

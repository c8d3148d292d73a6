import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyRedis } from '../../../scripts/testing/served.ts';
import { config } from '../../config/config.ts';
import { closeRedis } from '../../redis/index.ts';
import { HOUR_MS } from '../../timing.ts';
import { history, historyQuery, readHistory, readRange } from './history.ts';
import { storeSamples } from './samples.ts';
import { computeSummary, mean, summary } from './summary.ts';
import { printSummary, readSummary, renewSummary } from './summary-cache.ts';

const HOUR = 451_577;
const LATEST = HOUR * HOUR_MS + 1_818_370;

afterAll(() => closeRedis());

type Row = readonly [hour: number, price: number, sentiment: number];

/** Stores the rows, their hours counted from HOUR, and reads the summary. */
const summarize = async (rows: readonly Row[]) => {
  const source = `test-${randomUUID()}`;
  const samples = rows.map(([hour, price, sentiment], at) => {
    return { timeMs: (HOUR + hour) * HOUR_MS + 1_000 + at, price, sentiment };
  });
  await storeSamples(source, samples);
  const latestMs = Math.max(...samples.map(({ timeMs }) => timeMs), 0);
  const text = await computeSummary(source, latestMs);
  return text === undefined ? undefined : summary.parse(JSON.parse(printSummary(text, LATEST).json));
};

describe('the summary', () => {
  it('has the means of the three clock hours that end with the hour of the latest sample', async () => {
    const result = await summarize([
      [-3, 1, 1],
      [-2, 100, 0.1],
      [-2, 200, 0.2],
      [-1, 300, 0.3],
      [0, 400, 0.4],
      [0, 401, 0.5],
    ]);
    expect(result?.hourly_average_of_averages).toEqual([
      { time: '2021-07-07T15:00:00.000Z', price: 150, sentiment: 0.15, samples: 2, complete: true },
      { time: '2021-07-07T16:00:00.000Z', price: 300, sentiment: 0.3, samples: 1, complete: true },
      { time: '2021-07-07T17:00:00.000Z', price: 400.5, sentiment: 0.45, samples: 2, complete: false },
    ]);
    expect(result).toMatchObject({ lit: true, price_direction: 'rising', sentiment_direction: 'rising' });
  });

  it('compares values as numbers, not as strings', async () => {
    expect(
      await summarize([
        [-2, 9_000, 0.1],
        [0, 10_000, -0.1],
      ]),
    ).toMatchObject({
      lit: false,
      price_direction: 'rising',
      sentiment_direction: 'falling',
    });
  });

  it('is flat when the values are equal, however many each hour has', async () => {
    const rows: Row[] = [...Array(7)].map(() => [-2, 33_885.23, 0.2]);
    const more: Row[] = [...Array(100)].map(() => [0, 33_885.23, 0.2]);
    expect(await summarize([...rows, ...more])).toMatchObject({
      lit: false,
      price_direction: 'flat',
      sentiment_direction: 'flat',
    });
  });

  it('leaves out an hour without samples', async () => {
    const result = await summarize([
      [-2, 100, 0.1],
      [0, 200, 0.2],
    ]);
    expect(result?.hourly_average_of_averages.map(({ time }) => time.slice(11, 13))).toEqual(['15', '17']);
  });

  it('of a single hour is flat', async () => {
    expect(await summarize([[0, 100, 0.1]])).toMatchObject({ lit: false, price_direction: 'flat' });
  });

  it('does not exist when nothing is stored', async () => {
    expect(await summarize([])).toBeUndefined();
  });
});

describe('the answer with the summary', () => {
  const text = JSON.stringify({ as_of: new Date(LATEST).toISOString() });
  const print = (ageMs: number, isCutOff?: boolean) => {
    const { json, etag } = printSummary(text, LATEST + ageMs, isCutOff);
    return { ...JSON.parse(json), etag };
  };

  it('is stale when the latest sample is more than ten minutes old', () => {
    expect(print(600_999)).toMatchObject({ age_seconds: 600, stale: false });
    expect(print(601_000)).toMatchObject({ age_seconds: 601, stale: true });
  });

  it('is stale when Redis could not be reached', () => {
    expect(print(1_000, true)).toMatchObject({ age_seconds: 1, stale: true });
  });

  it('has an age of at least 0 when a clock is off', () => {
    expect(print(-5_000)).toMatchObject({ age_seconds: 0, stale: false });
  });

  it('keeps its ETag while only its age changes, and gets another when it becomes stale', () => {
    expect(print(1_000).etag).toBe(print(9_000).etag);
    expect(print(1_000).etag).not.toBe(print(700_000).etag);
  });
});

describe('the chosen feed', () => {
  const source = config().feed;

  beforeEach(emptyRedis);

  it('has no summary or history while nothing is stored', async () => {
    await expect(readSummary(0)).rejects.toMatchObject({ code: 'not-found' });
    await expect(readHistory({ hours: 24, step_seconds: 300 })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('has a summary as soon as it has been renewed', async () => {
    await storeSamples(source, [{ timeMs: LATEST, price: 100, sentiment: 0.1 }]);
    await renewSummary({ source, latestMs: LATEST, fence: 1, announce: false }, 10_000);
    const { json, status, from } = await readSummary(10_500);
    expect([status, from]).toEqual(['hit', 'memory']);
    expect(JSON.parse(json)).toMatchObject({ as_of: '2021-07-07T17:30:18.370Z', source });
  });

  it('has a history of means for the hours before the latest sample', async () => {
    const minutes = [-61, -60, -59, -11, -10, 0];
    await storeSamples(
      source,
      minutes.map((minute) => ({ timeMs: LATEST + minute * 60_000, price: 100 - minute, sentiment: 0.5 })),
    );
    const result = await readHistory(historyQuery.parse({ hours: '1', step_seconds: '900' }));
    expect(history.parse(result)).toEqual({
      step_seconds: 900,
      points: [
        { time: '2021-07-07T16:30:00.000Z', price: 159, sentiment: 0.5, samples: 1 },
        { time: '2021-07-07T17:15:00.000Z', price: 110.5, sentiment: 0.5, samples: 2 },
        { time: '2021-07-07T17:30:00.000Z', price: 100, sentiment: 0.5, samples: 1 },
      ],
    });
  });

  it('reads the history of a range once for each latest sample', async () => {
    await expect(readRange(24, LATEST, 5_000)).rejects.toMatchObject({ code: 'not-found' });
    await storeSamples(source, [{ timeMs: LATEST, price: 100, sentiment: 0.1 }]);
    const first = await readRange(24, LATEST, 5_000);
    expect(first.points).toHaveLength(1);
    await storeSamples(source, [{ timeMs: LATEST - 600_000, price: 100, sentiment: 0.1 }]);
    expect(await readRange(24, LATEST, 5_000)).toBe(first);
    expect((await readRange(24, LATEST + 1, 5_000)).points).toHaveLength(2);
    expect((await readRange(3, LATEST, 5_000)).points).toHaveLength(2);
  });

  it.each([{ hours: '0' }, { hours: '169' }, { hours: '1.5' }, { step_seconds: '60' }, { step: '300' }])(
    'refuses the history query %o',
    (query) => {
      expect(historyQuery.safeParse(query).success).toBe(false);
    },
  );
});

describe('the mean', () => {
  it('of equal values is that value, however many there are', () => {
    const value = fc.integer({ min: -99_999_999, max: 99_999_999 }).map((units) => units / 1e3);
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 500 }), (each, count) => {
        expect(mean(Array.from({ length: count }, () => each))).toBeCloseTo(each, 9);
      }),
    );
    expect(mean(Array.from({ length: 103 }, () => 0.2))).toBe(0.2);
    expect(mean(Array.from({ length: 97 }, () => 33_885.23))).toBe(33_885.23);
  });

  it('does not depend on the order', () => {
    const values = fc.array(fc.integer({ min: -9_999_999, max: 9_999_999 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, (units) => {
        const list = units.map((unit) => unit / 1e2);
        expect(mean(list.toReversed())).toBe(mean(list));
      }),
    );
  });
});

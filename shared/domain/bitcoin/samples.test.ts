import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { command } from '../../../scripts/testing/served.ts';
import { closeRedis, redis, runScript, script } from '../../redis/index.ts';
import { HOUR_MS } from '../../timing.ts';
import type { Sample } from './feeds/feed.ts';
import { latestSampleMs, packValues, readHours, sampleKey, storeSamples, unpackValues } from './samples.ts';

const HOUR = 451_577;
const START = HOUR * HOUR_MS;
/** The client does not offer MEMORY USAGE, so a script calls it. */
const WEIGH = script(`return redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', '0')`);

afterAll(() => closeRedis());

const newSource = () => `test-${randomUUID()}`;
const at = (ms: number, price = 100, sentiment = 0.1): Sample => ({ timeMs: START + ms, price, sentiment });

describe('samples', () => {
  it('keep the first price when a row arrives twice', async () => {
    const source = newSource();
    expect(await storeSamples(source, [at(1, 10), at(1, 20)])).toBe(1);
    expect(await storeSamples(source, [at(1, 30)])).toBe(0);
    expect(await readHours(source, [HOUR])).toEqual([[at(1, 10)]]);
  });

  it('are stored the same whatever their order and batches, and however often they arrive', async () => {
    const times = fc.uniqueArray(fc.integer({ min: -2 * HOUR_MS, max: HOUR_MS - 1 }), { minLength: 1, maxLength: 40 });
    const split = times.chain((list) =>
      fc.record({
        list: fc.constant(list),
        order: fc.shuffledSubarray(list, { minLength: list.length }),
        repeated: fc.shuffledSubarray(list),
        part: fc.integer({ min: 1, max: 50 }),
      }),
    );
    const property = fc.asyncProperty(split, async ({ list, order, repeated, part }) => {
      const source = newSource();
      const sequence = [...order, ...repeated].map((ms) => at(ms, 30_000 + (ms % 977) / 100));
      let added = 0;
      for (let from = 0; from < sequence.length; from += part) {
        added += await storeSamples(source, sequence.slice(from, from + part));
      }
      const stored = (await readHours(source, [HOUR - 2, HOUR - 1, HOUR])).flat();
      expect(stored).toEqual(list.toSorted((a, b) => a - b).map((ms) => at(ms, 30_000 + (ms % 977) / 100)));
      expect(added).toBe(list.length);
      expect(await latestSampleMs(source)).toBe(START + Math.max(...list));
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('take at most 26 bytes each', async () => {
    const source = newSource();
    const rows = Array.from({ length: 120 }, (_, row) =>
      at(row * 30_000 + 345, (3_388_523 + row) / 100, (200 + row) / 1e3),
    );
    await storeSamples(source, rows);
    const bytes = Number(await redis((client) => runScript(client, WEIGH, [sampleKey(source, HOUR)], [])));
    expect(bytes / rows.length).toBeLessThanOrEqual(26);
  });

  it('are kept for SAMPLE_RETENTION_DAYS after they last arrived, whatever their date', async () => {
    const source = newSource();
    await storeSamples(source, [at(1)]);
    const key = sampleKey(source, HOUR);
    await command('expire', key, 10);
    expect(await storeSamples(source, [at(1)])).toBe(0);
    expect(await command('ttl', key)).toBeGreaterThan(7 * 86_400 - 60);
    expect(await command('ttl', sampleKey(source, 'latest'))).toBeGreaterThan(7 * 86_400 - 60);
  });

  it('are all stored when they need many script calls', async () => {
    const source = newSource();
    const rows = Array.from({ length: 25_000 }, (_, row) => at(row));
    expect(await storeSamples(source, rows)).toBe(25_000);
    expect((await readHours(source, [HOUR]))[0]).toHaveLength(25_000);
  });

  it('do not exist where none were stored', async () => {
    const source = newSource();
    expect(await storeSamples(source, [])).toBe(0);
    expect(await latestSampleMs(source)).toBeUndefined();
    expect(await readHours(source, [HOUR])).toEqual([[]]);
  });
});

describe('a packed sample', () => {
  const decimal = (digits: number, min: number, max: number) =>
    fc.integer({ min: min * 10 ** digits, max: max * 10 ** digits }).map((units) => units / 10 ** digits);

  it('unpacks to exactly the same price and sentiment', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0));
    const values = fc.record({
      price: fc.oneof(decimal(5, 0, 20_000_000), finite.map(Math.abs)),
      sentiment: fc.oneof(decimal(6, -6, 6), finite),
    });
    fc.assert(
      fc.property(values, (value) => {
        expect(unpackValues(packValues(value))).toEqual(value);
      }),
    );
  });

  it('is one 64-bit integer for the values that feeds send', () => {
    const values = fc.record({ price: decimal(5, 1, 8_999_999), sentiment: decimal(6, -1, 1) });
    fc.assert(
      fc.property(values, (value) => {
        const text = packValues(value);
        expect(text).toBe(String(BigInt.asIntN(64, BigInt(text))));
      }),
    );
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packValues, unpackValues } from './samples.ts';

const decimal = (digits: number, min: number, max: number) =>
  fc.integer({ min: min * 10 ** digits, max: max * 10 ** digits }).map((units) => units / 10 ** digits);

it('unpacks any price and sentiment exactly', () => {
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

it('packs the values that feeds send into one 64-bit integer', () => {
  const values = fc.record({ price: decimal(5, 1, 8_999_999), sentiment: decimal(6, -1, 1) });
  fc.assert(
    fc.property(values, (value) => {
      const text = packValues(value);
      expect(text).toBe(String(BigInt.asIntN(64, BigInt(text))));
    }),
  );
});

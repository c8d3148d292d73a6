import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mean } from './summary.ts';

it('the mean of equal values is that value, however many there are', () => {
  const value = fc.integer({ min: -99_999_999, max: 99_999_999 }).map((units) => units / 1e3);
  fc.assert(
    fc.property(value, fc.integer({ min: 1, max: 500 }), (each, count) => {
      expect(mean(Array.from({ length: count }, () => each))).toBeCloseTo(each, 9);
    }),
  );
  expect(mean(Array.from({ length: 103 }, () => 0.2))).toBe(0.2);
  expect(mean(Array.from({ length: 97 }, () => 33_885.23))).toBe(33_885.23);
});

it('the mean does not depend on the order', () => {
  const values = fc.array(fc.integer({ min: -9_999_999, max: 9_999_999 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, (units) => {
      const list = units.map((unit) => unit / 1e2);
      expect(mean(list.toReversed())).toBe(mean(list));
    }),
  );
});

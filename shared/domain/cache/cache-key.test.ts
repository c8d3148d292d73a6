import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheKey, fromRedisKey, toPattern, toRedisKey } from './stored-entry.ts';

const key = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.stringMatching(/^[{}%*?[\]\\:#7BD25a-c-]{1,40}$/),
);
const isKey = (text: string) => cacheKey.safeParse(text).success;

describe('a cache key', () => {
  it.each([
    ['a', true],
    ['user:1/ö/😀', true],
    ['{users:3}*?[]\\', true],
    ['.', true],
    ['x'.repeat(250), true],
    ['é'.repeat(125), true],
    ['', false],
    ['x'.repeat(251), false],
    ['é'.repeat(126), false],
    ['a b', false],
    ['a\u00a0b', false],
    ['a\r\nb', false],
    ['a\u0000', false],
    ['\u0085', false],
    ['\ud800', false],
  ])('accepts %j: %s', (text, expected) => {
    expect(isKey(text)).toBe(expected);
  });

  it('is the same after a round trip through Redis', () => {
    fc.assert(fc.property(key, (text) => fromRedisKey(toRedisKey(text)) === text));
  });

  it('never becomes the Redis key of another', () => {
    fc.assert(fc.property(key, key, (a, b) => (a === b) === (toRedisKey(a) === toRedisKey(b))));
  });

  it('has the prefix of the cache and no hash tag, whatever it contains', () => {
    fc.assert(
      fc.property(key, (text) => {
        expect(toRedisKey(text)).toMatch(/^cache:[^{]*$/s);
      }),
    );
  });

  it('has a pattern without wildcards, whatever it contains', () => {
    fc.assert(
      fc.property(key, (prefix) => {
        const literal = toPattern(prefix).slice(0, -1).replace(/\\./gs, '');
        expect(literal).not.toMatch(/[*?[\]\\]/);
      }),
    );
  });
});

import { expect, it } from 'vitest';
import { portablePattern } from './portable-pattern.ts';

it('writes ASCII digits, and characters beyond ASCII literally', () => {
  expect(portablePattern('^\\d{1,3}[^\\u3000]$')).toBe('^[0-9]{1,3}[^\u3000]$');
});

it.each(['\\p{Cc}', '\\s', '(?=a)', '(?<name>a)', '(a)\\1'])(
  'rejects %s, which languages read differently',
  (pattern) => {
    expect(() => portablePattern(pattern)).toThrow('means different things');
  },
);

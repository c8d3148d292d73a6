import { expect, it } from 'vitest';
import { portablePattern } from './portable-pattern.ts';

it('writes digits as those of ASCII, and characters beyond it as themselves', () => {
  expect(portablePattern('^\\d{1,3}[^\\u3000]$')).toBe('^[0-9]{1,3}[^\u3000]$');
});

it.each(['\\p{Cc}', '\\s', '(?=a)', '(?<name>a)', '(a)\\1'])(
  'refuses %s, which not every language reads alike',
  (pattern) => {
    expect(() => portablePattern(pattern)).toThrow('is not read alike');
  },
);

import { describe, expect, it } from 'vitest';
import { matchesEtag, parseEtags } from './stored-text.ts';

describe('If-None-Match', () => {
  it.each(['"a"', 'W/"a"', '*', ' * ', '"b", "a"', '"b",W/"a"', '"b,c" , "a"'])('%s matches "a"', (header) => {
    expect(matchesEtag(header, '"a"')).toBe(true);
    expect(matchesEtag(header, 'W/"a"')).toBe(true);
  });

  it.each(['foo*bar', '*, "b"', '"*"', 'a', 'x"a"', '"a"x', '"xax"', ''])('%s does not match "a"', (header) => {
    expect(matchesEtag(header, '"a"')).toBe(false);
  });

  it('is parsed in linear time, whatever it contains', () => {
    expect(parseEtags(', '.repeat(100_000))).toEqual([]);
    expect(parseEtags(`"a"${' '.repeat(100_000)}x`)).toEqual([]);
  });
});

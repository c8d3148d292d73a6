import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrayParts, objectParts } from './json-parts.ts';

const json = fc.json({ maxDepth: 5 });
/** JSON with white space wherever it is allowed. */
const spaced = fc
  .tuple(fc.jsonValue(), fc.constantFrom(0, 1, '\t', '\r\n '))
  .map(([value, space]) => JSON.stringify(value, null, space));
const text = fc.oneof(json, spaced);

describe('the parts of JSON', () => {
  it('of an object are its values as written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), text), fc.constantFrom('', ' ', '\n'), (members, space) => {
        const inside = Object.entries(members).map(
          ([name, part]) => `${space}${JSON.stringify(name)}${space}:${space}${part}${space}`,
        );
        const parts = objectParts(`${space}{${inside.join()}${space}}${space}`);
        expect([...parts]).toEqual(Object.entries(members));
      }),
    );
  });

  it('of an array are its elements as written', () => {
    fc.assert(
      fc.property(fc.array(text), fc.constantFrom('', ' ', '\n'), (elements, space) => {
        const inside = elements.map((part) => `${space}${part}${space}`).join();
        expect(arrayParts(`${space}[${inside}${space}]`)).toEqual(elements);
      }),
    );
  });

  it('contain the last of two members with the same name, however it is escaped', () => {
    expect([...objectParts('{"a":1,"\\u0061":[2]}')]).toEqual([['a', '[2]']]);
  });

  it('may be nested 500 levels deep, and no deeper', () => {
    const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(objectParts(deep(500)).get('a')).toHaveLength(1_000);
    expect(() => objectParts(deep(501))).toThrow('Nested more than 500 levels deep');
  });
});

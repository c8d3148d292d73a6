import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { allKeys, emptyRedis } from '../../../scripts/testing/served.ts';
import { closeRedis } from '../../redis/index.ts';
import { etagOf } from '../../stored-text.ts';
import { Collection } from './collection.ts';
import { holds, type Precondition } from './precondition.ts';

const things = new Collection('things');
beforeEach(emptyRedis);
afterAll(closeRedis);

const id = fc.stringMatching(/^[A-Za-z0-9._:-]{1,4}$/);

/** The ids of every page. */
const walk = async (prefix: string, limit: number) => {
  const pages: string[][] = [];
  for (let after: string | undefined, isMore = true; isMore; isMore = after !== undefined) {
    const { entries, last } = await things.list({ prefix, after, limit });
    pages.push(entries.map((entry) => entry.id));
    after = last;
  }
  return pages;
};

describe('a collection', () => {
  it('lists all ids with a prefix in order and in full pages, whatever the ids are', async () => {
    const prefix = fc.stringMatching(/^[A-Za-z0-9._:-]{0,1}$/);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id), prefix, fc.integer({ min: 1, max: 5 }), async (ids, start, limit) => {
        await emptyRedis();
        await Promise.all(ids.map((each) => things.put(each, each)));
        const expected = ids.filter((each) => each.startsWith(start)).sort();
        const pages = await walk(start, limit);
        expect(pages.flat()).toEqual(expected);
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
        expect(pages).toHaveLength(Math.max(1, Math.ceil(expected.length / limit)));
      }),
      { numRuns: 60 },
    );
  });

  it('behaves like a Map for any sequence of writes, and checks conditions as `holds` does', async () => {
    const condition = fc.constantFrom<Precondition>(
      ...(['none', 'absent', 'present'] as const).map((kind) => ({ kind })),
      ...[[], [etagOf('1')], [etagOf('0'), etagOf('2')]].map((etags) => ({ kind: 'tagged' as const, etags })),
    );
    const step = fc.record({
      verb: fc.constantFrom('put', 'delete'),
      which: fc.constantFrom('a', 'b'),
      text: fc.constantFrom('1', '2'),
      condition,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step), async (steps) => {
        await emptyRedis();
        const model = new Map<string, string>();
        for (const { verb, which, text, condition: wanted } of steps) {
          const stored = model.get(which);
          const may = holds(wanted, stored === undefined ? undefined : etagOf(stored));
          if (verb === 'put') {
            const done = stored === undefined ? 'created' : 'replaced';
            expect(await things.put(which, text, wanted)).toBe(may ? done : 'refused');
            if (may) model.set(which, text);
          } else {
            const done = may ? 'deleted' : 'refused';
            expect(await things.delete(which, wanted)).toBe(stored === undefined ? 'absent' : done);
            if (may) model.delete(which);
          }
          expect(await things.get(which)).toBe(model.get(which) ?? null);
        }
        expect((await walk('', 10)).flat()).toEqual([...model.keys()].sort());
      }),
      { numRuns: 60 },
    );
  });

  it('leaves nothing behind when everything is deleted', async () => {
    await things.put('a', '1');
    await things.delete('a');
    expect(await allKeys()).toEqual([]);
  });
});

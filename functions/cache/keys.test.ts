import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { allKeys, command, emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { setCounter } from '../../shared/domain/counters/counters.ts';
import { putUser } from '../../shared/domain/documents/users.ts';
import { cache } from './index.ts';

/** One script writes the many other keys, and on a cluster a script may not touch several slots. */
const isCluster = process.env.REDIS_CLUSTER === 'true';

const page = z.object({ keys: z.array(z.string()), next_cursor: z.string().nullable() });

const served = await startServe([cache]);
beforeEach(emptyRedis);
afterAll(() => served.stop());

const set = (keys: readonly string[]) =>
  served.call('POST', '/cache/batch/set', { body: { entries: keys.map((key) => ({ key, value: 1 })) } });

const readPage = async (query: Record<string, string>) => {
  const answer = await served.call('GET', `/cache?${new URLSearchParams(query)}`);
  return page.parse(answer.body);
};

/** Reads all pages. `between` runs after each. */
const walk = async (query: Record<string, string>, between = async () => {}) => {
  const pages: string[][] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const next: z.infer<typeof page> = await readPage({ ...query, ...(cursor && { cursor }) });
    pages.push(next.keys);
    cursor = next.next_cursor;
    await between();
  }
  return pages;
};

describe('GET /cache', () => {
  it('answers an empty page when there are no keys', async () => {
    expect(await readPage({})).toEqual({ keys: [], next_cursor: null });
  });

  it.each([1, 2, 7, 20, 100])('lists each of 250 keys once, in pages of at most %i', async (limit) => {
    const keys = Array.from({ length: 250 }, (_, at) => `k${at}`);
    await set(keys);
    const pages = await walk({ limit: String(limit) });
    expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(limit);
    expect(pages.flat().sort()).toEqual(keys.sort());
  });

  it('fills its pages when Redis holds nothing but cache entries', async () => {
    await set(Array.from({ length: 250 }, (_, at) => `k${at}`));
    const pages = await walk({ limit: '50' });
    expect(pages.map(({ length }) => length).filter((length) => length > 0)).toEqual([50, 50, 50, 50, 50]);
  });

  it.skipIf(isCluster)('does not scan all keys in one call, and finds a few keys among many others', async () => {
    for (let at = 0; at < 60; at += 1) {
      await command(
        'mset',
        '{other}',
        0,
        ...Array.from({ length: 1_000 }, (_, other) => [`{other}:${at}:${other}`, 1]).flat(),
      );
    }
    await set(['needle', 'needle-2', 'other']);
    const pages = await walk({ prefix: 'needle' });
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat().sort()).toEqual(['needle', 'needle-2']);
  });

  it('lists every lasting key while others come and go and the table grows', async () => {
    const staying = Array.from({ length: 300 }, (_, at) => `stay${at}`);
    await set(staying);
    let round = 0;
    const pages = await walk({ prefix: 'stay', limit: '9' }, async () => {
      round += 1;
      await set(Array.from({ length: 200 }, (_, at) => `new${round}-${at}`));
      await served.call('POST', '/cache/batch/delete', { body: { keys: [`new${round - 1}-1`, `new${round - 1}-2`] } });
    });
    expect([...new Set(pages.flat())].sort()).toEqual(staying.sort());
  });

  it('takes every character of a prefix literally', async () => {
    const text = fc.stringMatching(/^[a-b*?[\]\\{}%^-]{1,4}$/);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(text, { minLength: 1 }), text, async (keys, prefix) => {
        await emptyRedis();
        await set(keys);
        const listed = (await walk({ prefix })).flat();
        expect(listed.sort()).toEqual(keys.filter((key) => key.startsWith(prefix)).sort());
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    'x',
    '0',
    '',
    Buffer.from('2-1-0-0-').toString('base64url'),
    Buffer.from('1-1-0-0-').toString('base64url'),
    Buffer.from('1-0-18446744073709551616-0-').toString('base64url'),
    Buffer.from('1-0--1-0-').toString('base64url'),
    Buffer.from('1-0-0-0-\r\nFLUSHALL').toString('base64url'),
  ])('refuses the invalid cursor %j', async (cursor) => {
    const answer = await served.call('GET', `/cache?cursor=${cursor}`);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'query.cursor' }] } });
  });

  it.each(['0', '101', '-1', '1e1', ''])('refuses the limit %j', async (limit) => {
    expect((await served.call('GET', `/cache?limit=${limit}`)).status).toBe(400);
  });
});

describe('keys of other functions', () => {
  it('are out of reach, whatever the cache key', async () => {
    const user = { name: 'A', email: 'a@example.com', age: 1, city: 'B', height: 0, weight: 0 };
    await putUser(1, user);
    await setCounter('n', 5);
    // On a cluster, a write leaves a generation that expires within a second.
    const lastingKeys = async () => (await allKeys()).filter((key) => !key.startsWith('kept-tag:'));
    const theirs = await lastingKeys();
    const before = await Promise.all(theirs.map((key) => command('dump', key)));
    const tries = [...new Set(theirs.flatMap((key) => [key, `../${key}`, `:${key}`, `}${key}`, '*', `${key}*`]))];
    for (const key of tries) {
      const path = `/cache/${encodeURIComponent(key)}`;
      expect((await served.call('GET', path)).status).toBe(404);
      expect((await served.call('POST', `${path}/increment`, { body: {} })).status).toBe(404);
      expect((await served.call('DELETE', path)).status).toBe(404);
      await served.call('PUT', path, { body: { value: 'mine' } });
    }
    await served.call('POST', '/cache/batch/delete', { body: { keys: tries } });
    expect(await lastingKeys()).toEqual(theirs);
    expect(await Promise.all(theirs.map((key) => command('dump', key)))).toEqual(before);
  });
});

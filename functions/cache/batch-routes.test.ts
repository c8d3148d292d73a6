import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { allKeys, command, emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { cache } from './index.ts';

const served = await startServe([cache]);
beforeEach(emptyRedis);
afterAll(() => served.stop());

const batch = (verb: 'get' | 'set' | 'delete', body: unknown, headers: Record<string, string> = {}) =>
  served.call('POST', `/cache/batch/${verb}`, { body, headers });

describe('POST /cache/batch/set', () => {
  it('sets all entries with the same time to live', async () => {
    const entries = [
      { key: 'a', value: 1 },
      { key: 'b', value: { deep: [null] } },
    ];
    expect((await batch('set', { entries, ttl_seconds: 60 })).body).toEqual({ stored: 2 });
    expect((await served.call('GET', '/cache/b')).body).toEqual({ key: 'b', value: { deep: [null] }, ttl_seconds: 60 });
  });

  it('keeps values exactly as written, and removes an earlier time to live', async () => {
    await batch('set', { entries: [{ key: 'a', value: 1 }], ttl_seconds: 60 });
    await batch('set', '{"entries": [ {"value" : 10.50 , "key":"\\u0061"} ]}');
    expect((await served.call('GET', '/cache/a')).text).toBe('{"key":"a","value":10.50,"ttl_seconds":null}');
  });

  it('uses the last value when a key occurs twice', async () => {
    const entries = [1, 2].map((value) => ({ key: 'twice', value }));
    await batch('set', { entries });
    expect((await batch('get', { keys: ['twice'] })).body).toEqual({
      entries: [{ key: 'twice', value: 2 }],
      missing: [],
    });
  });

  it('with If-None-Match: *, adds only new keys and lists the others as refused', async () => {
    await batch('set', { entries: [{ key: 'b', value: 'old' }] });
    const entries = ['a', 'b', 'c'].map((key) => ({ key, value: 'new' }));
    const { body } = await batch('set', { entries, ttl_seconds: 60 }, { 'if-none-match': '*' });
    expect(body).toEqual({ stored: 2, refused: ['b'] });
    expect((await batch('get', { keys: ['a', 'b', 'c'] })).body).toMatchObject({
      entries: [{ value: 'new' }, { value: 'old' }, { value: 'new' }],
    });
    expect((await served.call('GET', '/cache/a')).body).toMatchObject({ ttl_seconds: 60 });
    expect((await served.call('GET', '/cache/b')).body).toMatchObject({ ttl_seconds: null });
  });

  it.each<Record<string, string>>([{ 'if-match': '*' }, { 'if-none-match': '"tag"' }])(
    'refuses %j and writes nothing',
    async (headers) => {
      expect((await batch('set', { entries: [{ key: 'a', value: 1 }] }, headers)).status).toBe(400);
      expect(await allKeys()).toEqual([]);
    },
  );

  it('writes nothing when one entry is invalid', async () => {
    const wrong = { entries: [{ key: 'a', value: 1 }, { key: 'b c', value: 2 }, { key: 'd' }] };
    const { status, body } = await batch('set', wrong);
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ path: 'body.entries.1.key' }, { path: 'body.entries.2.value' }] });
    expect(await allKeys()).toEqual([]);
  });
});

describe('POST /cache/batch/get', () => {
  it('answers entries in the order of the request, and lists the missing keys', async () => {
    await batch('set', { entries: ['a', 'b', 'c'].map((key) => ({ key, value: key })) });
    await command('PEXPIREAT', 'cache:b', 1);
    expect((await batch('get', { keys: ['c', 'b', 'x', 'a'] })).body).toEqual({
      entries: [
        { key: 'c', value: 'c' },
        { key: 'a', value: 'a' },
      ],
      missing: ['b', 'x'],
    });
  });

  it('answers any value as it was set', async () => {
    const entry = fc.record({ key: fc.stringMatching(/^[a-z{}*:%/]{1,20}$/), value: fc.jsonValue() });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(entry, { selector: ({ key }) => key, minLength: 1 }), async (entries) => {
        await batch('set', { entries });
        const keys = entries.map(({ key }) => key);
        const { text } = await batch('get', { keys });
        expect(JSON.parse(text)).toEqual({ entries: JSON.parse(JSON.stringify(entries)), missing: [] });
        expect((await batch('delete', { keys })).body).toEqual({ deleted: keys.length });
      }),
      { numRuns: 50 },
    );
  });

  it('answers 1,000 entries, and 409 when they exceed 8 MiB in total', async () => {
    const keys = Array.from({ length: 1_000 }, (_, at) => `k${at}`);
    await batch('set', { entries: keys.map((key) => ({ key, value: key })) });
    expect((await batch('get', { keys })).body).toMatchObject({ missing: [] });
    const big = Array.from({ length: 9 }, (_, at) => `big${at}`);
    for (const key of big) await served.call('PUT', `/cache/${key}`, { body: { value: 'x'.repeat(1_000_000) } });
    expect((await batch('get', { keys: big })).status).toBe(409);
    expect((await batch('get', { keys: big.slice(0, 8) })).status).toBe(200);
    expect((await batch('get', { keys: Array(10).fill('big0') })).status).toBe(409);
  });
});

describe('POST /cache/batch/delete', () => {
  it('deletes the entries that exist and answers how many there were', async () => {
    await batch('set', { entries: ['a', 'b', 'c'].map((key) => ({ key, value: key })) });
    expect((await batch('delete', { keys: ['a', 'x', 'c', 'a'] })).body).toEqual({ deleted: 2 });
    expect((await batch('get', { keys: ['a', 'b', 'c'] })).body).toMatchObject({ missing: ['a', 'c'] });
  });
});

describe.each(['get', 'set', 'delete'] as const)('a batch to %s', (verb) => {
  const of = (count: number) =>
    verb === 'set'
      ? { entries: Array.from({ length: count }, (_, at) => ({ key: `${at}`, value: at })) }
      : { keys: Array.from({ length: count }, (_, at) => `${at}`) };

  it('takes 1 to 1,000 entries', async () => {
    const statuses = await Promise.all(
      [0, 1, 1_000, 1_001].map(async (count) => (await batch(verb, of(count))).status),
    );
    expect(statuses).toEqual([400, 200, 200, 400]);
  });
});

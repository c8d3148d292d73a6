import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { allKeys, command, emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { countCall } from '../../shared/domain/counters/calls.ts';
import { counters } from './index.ts';

const MAX = Number.MAX_SAFE_INTEGER;

const served = await startServe([counters], { count: countCall });
beforeEach(emptyRedis);
afterAll(() => served.stop());

const add = (name: string, body?: unknown, key?: string) =>
  served.call('POST', `/counters/${name}`, { body, ...(key !== undefined && { headers: { 'idempotency-key': key } }) });
const set = (name: string, value: unknown) => served.call('PUT', `/counters/${name}`, { body: { value } });
const get = (name: string) => served.call('GET', `/counters/${name}`);

describe('a counter', () => {
  it('is created by adding, by 1 unless given, and may be negative', async () => {
    expect((await add('n')).body).toEqual({ name: 'n', value: 1 });
    expect((await add('n', { by: 41 })).body).toEqual({ name: 'n', value: 42 });
    expect((await add('n', { by: -50 })).body).toEqual({ name: 'n', value: -8 });
    expect((await add('zero', { by: 0 })).body).toEqual({ name: 'zero', value: 0 });
    expect((await get('n')).body).toEqual({ name: 'n', value: -8 });
  });

  it('can be set and deleted', async () => {
    expect((await set('n', 12)).body).toEqual({ name: 'n', value: 12 });
    expect((await served.call('DELETE', '/counters/n')).status).toBe(204);
    expect((await served.call('DELETE', '/counters/n')).status).toBe(404);
    expect((await get('n')).status).toBe(404);
  });

  it.each([
    [MAX, 1],
    [-MAX, -1],
    [1, MAX],
    [MAX, MAX],
  ])('at %i refuses to add %i, which is out of range', async (value, by) => {
    await set('n', value);
    expect((await add('n', { by })).status).toBe(409);
    expect((await get('n')).body).toEqual({ name: 'n', value });
  });

  it('changes only when its precondition holds', async () => {
    const { etag } = await set('n', 5);
    const call = (method: string, headers: Record<string, string>, body?: unknown) =>
      served.call(method, '/counters/n', { body, headers });
    expect((await call('POST', { 'if-match': etag }, { by: 1 })).body).toEqual({ name: 'n', value: 6 });
    expect((await call('POST', { 'if-match': etag }, { by: 1 })).status).toBe(412);
    expect((await call('PUT', { 'if-none-match': '*' }, { value: 1 })).status).toBe(412);
    expect((await call('DELETE', { 'if-match': etag })).status).toBe(412);
    const { etag: now, body } = await get('n');
    expect(body).toEqual({ name: 'n', value: 6 });
    expect((await call('DELETE', { 'if-match': now })).status).toBe(204);
    expect((await call('PUT', { 'if-none-match': '*' }, { value: 1 })).status).toBe(200);
  });

  it('reaches both ends of the range exactly', async () => {
    await set('n', MAX - 1);
    expect((await add('n')).text).toBe(`{"name":"n","value":${MAX}}`);
    await set('n', -MAX + 1);
    expect((await add('n', { by: -1 })).text).toBe(`{"name":"n","value":${-MAX}}`);
  });

  it.each(['a%20b', '%7Bx%7D', 'x'.repeat(129), '%E2%82%AC', 'a%2Fb', 'a%00'])(
    'cannot have the name %s',
    async (name) => {
      expect(await add(name)).toMatchObject({ status: 400, body: { errors: [{ path: 'path.name' }] } });
    },
  );

  it.each([{ by: 1.5 }, { by: '1' }, { by: null }, { by: MAX + 1 }, { amount: 1 }, 5])('refuses %j', async (body) => {
    expect((await add('n', body)).status).toBe(400);
  });

  it('is the sum of everything added', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -1e12, max: 1e12 }), { minLength: 1 }), async (amounts) => {
        await emptyRedis();
        for (const by of amounts) await add('n', { by });
        expect((await get('n')).body).toEqual({ name: 'n', value: amounts.reduce((sum, by) => sum + by, 0) });
      }),
      { numRuns: 20 },
    );
  });
});

describe('an Idempotency-Key', () => {
  it('answers a repeated request like the first, and adds nothing', async () => {
    await add('n', { by: 5 }, 'order-1');
    await add('n', { by: 1 });
    expect((await add('n', { by: 5 }, 'order-1')).body).toEqual({ name: 'n', value: 5 });
    expect((await get('n')).body).toMatchObject({ value: 6 });
  });

  it('adds once for 50 concurrent requests', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => add('n', { by: 3 }, 'order-1')));
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['{"name":"n","value":3}']));
  });

  it('answers 409 for another amount, and belongs to one counter', async () => {
    await add('n', { by: 5 }, 'order-1');
    expect((await add('n', { by: 6 }, 'order-1')).status).toBe(409);
    expect((await add('m', { by: 6 }, 'order-1')).body).toMatchObject({ value: 6 });
  });

  it('answers a repeated refusal like the first, even if the counter has changed', async () => {
    await set('n', MAX);
    expect((await add('n', { by: 1 }, 'order-1')).status).toBe(409);
    await set('n', 0);
    expect((await add('n', { by: 1 }, 'order-1')).status).toBe(409);
    const headers = { 'idempotency-key': 'order-2', 'if-match': '"other"' };
    expect((await served.call('POST', '/counters/n', { body: { by: 1 }, headers })).status).toBe(412);
    expect((await add('n', { by: 1 }, 'order-2')).status).toBe(412);
    expect((await get('n')).body).toEqual({ name: 'n', value: 0 });
  });

  it('is forgotten after 24 hours', async () => {
    await add('n', { by: 5 }, 'order-1');
    const [ends = ''] = (await allKeys()).filter((key) => key.endsWith('#ends'));
    await command('ZINCRBY', ends, 60 - 86_400, 'n#order-1');
    expect((await add('n', { by: 5 }, 'order-1')).body).toMatchObject({ value: 5 });
    await command('ZINCRBY', ends, -60, 'n#order-1');
    expect((await add('n', { by: 5 }, 'order-1')).body).toMatchObject({ value: 10 });
    expect(await command('ZCARD', ends)).toBe(1);
  });

  it.each(['a b', 'é', 'x'.repeat(256)])('cannot be %j', async (key) => {
    expect((await add('n', { by: 1 }, key)).status).toBe(400);
  });
});

describe('GET /counters', () => {
  it('answers pages sorted by name', async () => {
    for (const name of ['b', 'a:2', 'a:1', 'a:10', 'c']) await set(name, 1);
    const first = await served.call('GET', '/counters?prefix=a:&limit=2');
    const second = await served.call('GET', '/counters?prefix=a:&limit=2&cursor=a:10');
    expect(first.body).toMatchObject({ counters: [{ name: 'a:1' }, { name: 'a:10' }], next_cursor: 'a:10' });
    expect(second.body).toMatchObject({ counters: [{ name: 'a:2' }], next_cursor: null });
  });

  it('does not list the records of idempotency keys', async () => {
    await add('n', { by: 1 }, 'order-1');
    const { body } = await served.call('GET', '/counters?prefix=n');
    expect(body).toEqual({ counters: [{ name: 'n', value: 1 }], next_cursor: null });
  });
});

describe('call counts', () => {
  it('include every call, even the one that reads them', async () => {
    const before = Number(Object((await get('calls:counters')).body).value);
    await Promise.all(Array.from({ length: 20 }, () => add('n')));
    expect((await get('calls:counters')).body).toEqual({ name: 'calls:counters', value: before + 21 });
  });

  it('can be read but not written', async () => {
    const answers = [await add('calls:x'), await set('calls:x', 1), await served.call('DELETE', '/counters/calls:x')];
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409]);
  });
});

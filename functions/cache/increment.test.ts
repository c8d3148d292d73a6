import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { command, emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { cache } from './index.ts';

const MAX = Number.MAX_SAFE_INTEGER;

const served = await startServe([cache]);
beforeEach(emptyRedis);
afterAll(() => served.stop());

/** `value` is JSON text, sent unchanged. */
const put = (value: string, ttl_seconds: number | null = null) =>
  served.call('PUT', '/cache/n', { body: `{"value":${value},"ttl_seconds":${ttl_seconds}}` });
const add = (body?: unknown) => served.call('POST', '/cache/n/increment', { body });
const stored = async () => (await served.call('GET', '/cache/n')).body;

describe('POST /cache/{key}/increment', () => {
  it('adds only when its precondition holds, and answers the new ETag', async () => {
    const { etag } = await put('5');
    const increment = (headers: Record<string, string>) =>
      served.call('POST', '/cache/n/increment', { body: { by: 1, initial: 0 }, headers });
    const first = await increment({ 'if-match': etag });
    expect((await increment({ 'if-match': etag })).status).toBe(412);
    expect((await increment({ 'if-none-match': '*' })).status).toBe(412);
    expect((await increment({ 'if-match': first.etag })).body).toEqual({ key: 'n', value: 7 });
  });

  it('adds, and subtracts with a negative amount', async () => {
    await put('5');
    expect((await add({ by: 3 })).body).toEqual({ key: 'n', value: 8 });
    expect((await add({ by: -10 })).body).toEqual({ key: 'n', value: -2 });
  });

  it('adds 1 when no amount is given', async () => {
    await put('0');
    await add();
    expect((await add({})).body).toEqual({ key: 'n', value: 2 });
  });

  it.each([
    ['1e3', 1001],
    ['1.0', 2],
    ['-0', 1],
    ['12e-1', undefined],
    ['1.5', undefined],
    ['120e-1', 13],
    ['0.5e1', 6],
    ['0e-400', 1],
    ['0.9999999999999999999', undefined],
    ['1e-400', undefined],
    ['1e-99999999999999999999', undefined],
  ])('reads %s as a JSON number', async (text, sum) => {
    await put(text);
    const answer = await add({ by: 1 });
    expect(answer).toMatchObject(sum === undefined ? { status: 409 } : { status: 200, body: { value: sum } });
  });

  it.each(['"5"', '"0x10"', 'true', 'null', '[5]', '{"n":5}', '"1e1000"'])(
    'answers 409 for %s and leaves it unchanged',
    async (text) => {
      await put(text);
      expect((await add({ by: 1 })).status).toBe(409);
      expect(await stored()).toMatchObject({ value: JSON.parse(text) });
    },
  );

  it.each([
    [String(MAX), 1],
    [String(-MAX), -1],
    [String(MAX), MAX],
    ['9007199254740993', -10],
    ['1e400', -1],
  ])('answers 409 when %s plus %i is out of range, and leaves it unchanged', async (text, by) => {
    await put(text);
    expect((await add({ by })).status).toBe(409);
    expect((await served.call('GET', '/cache/n')).text).toContain(`"value":${text},`);
  });

  it('reaches both ends of the range exactly', async () => {
    await put(String(MAX - 1));
    expect((await add({ by: 1 })).text).toBe(`{"key":"n","value":${MAX}}`);
    await put(String(-MAX + 1));
    expect((await add({ by: -1 })).text).toBe(`{"key":"n","value":${-MAX}}`);
  });

  it('keeps the time to live of an existing entry', async () => {
    await put('1', 60);
    await add({ by: 1, initial: 0, ttl_seconds: 999 });
    expect(await stored()).toEqual({ key: 'n', value: 2, ttl_seconds: 60 });
  });

  it('answers 404 for a missing entry, and creates none', async () => {
    expect((await add({ by: 1 })).status).toBe(404);
    expect((await served.call('GET', '/cache/n')).status).toBe(404);
  });

  it('starts from initial when the entry is missing or has expired', async () => {
    expect((await add({ by: 2, initial: 10, ttl_seconds: 60 })).body).toEqual({ key: 'n', value: 12 });
    await command('PEXPIREAT', 'cache:n', 1);
    expect((await add({ by: 2, initial: 0 })).body).toEqual({ key: 'n', value: 2 });
    expect(await stored()).toEqual({ key: 'n', value: 2, ttl_seconds: null });
  });

  it.each([{ by: 1.5 }, { by: '1' }, { by: MAX + 1 }, { initial: 0.5 }, { by: 1, extra: 1 }])(
    'refuses %j',
    async (body) => {
      expect((await add(body)).status).toBe(400);
    },
  );
});

describe('concurrent requests', () => {
  it('count all of 200 increments', async () => {
    await Promise.all(Array.from({ length: 200 }, () => add({ by: 1, initial: 0 })));
    expect(await stored()).toMatchObject({ value: 200 });
  });

  it('let exactly one of 50 compare-and-sets win, in every round', async () => {
    let { etag } = await put('"start"');
    for (let round = 0; round < 10; round += 1) {
      const tries = Array.from({ length: 50 }, (_, at) =>
        served.call('PUT', '/cache/n', { body: { value: `${round}/${at}` }, headers: { 'if-match': etag } }),
      );
      const answers = await Promise.all(tries);
      const winners = answers.filter(({ status }) => status === 200);
      expect(winners).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 412)).toHaveLength(49);
      expect(await stored()).toEqual(winners[0]?.body);
      etag = winners[0]?.etag ?? '';
    }
  });

  it('let exactly one of 50 adds win', async () => {
    const tries = Array.from({ length: 50 }, (_, at) =>
      served.call('PUT', '/cache/n', { body: { value: at }, headers: { 'if-none-match': '*' } }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  });
});

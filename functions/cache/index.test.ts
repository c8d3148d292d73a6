import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { command, emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { cache } from './index.ts';

const served = await startServe([cache]);
beforeEach(emptyRedis);
afterAll(() => served.stop());

const put = (key: string, value: unknown, headers: Record<string, string> = {}) =>
  served.call('PUT', `/cache/${encodeURIComponent(key)}`, { body: { value }, headers });
const get = (key: string) => served.call('GET', `/cache/${encodeURIComponent(key)}`);

describe('GET and PUT /cache/{key}', () => {
  it('creates with 201 and a Location, then replaces with 200', async () => {
    const first = await put('a/b', 1);
    const second = await put('a/b', 2);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(first.headers.get('location')).toBe('/cache/a%2Fb');
    expect(second.body).toEqual({ key: 'a/b', value: 2, ttl_seconds: null });
    expect(await get('a/b')).toMatchObject({ status: 200, body: second.body, etag: second.etag });
  });

  it.each([null, false, 0, '', [], {}, 'text', [1, { a: null }]])('keeps the JSON %j', async (value) => {
    await put('any', value);
    expect((await get('any')).body).toEqual({ key: 'any', value, ttl_seconds: null });
  });

  it('keeps a value exactly as written: digits, order of names, spaces', async () => {
    const value = '{"2": 12345678901234567890, "1":1.10 , "__proto__": {"x":[ ]}}';
    await served.call('PUT', '/cache/raw', { body: `{ "ttl_seconds" :null , "value":\n ${value} }` });
    expect((await get('raw')).text).toBe(`{"key":"raw","value":${value},"ttl_seconds":null}`);
  });

  it.each(['[', '{"a":'])('answers 400 for 100,000 levels of %s, and keeps serving', async (open) => {
    const close = open === '[' ? ']' : '}';
    const deep = `${open.repeat(100_000)}1${close.repeat(100_000)}`;
    const refused = await served.call('PUT', '/cache/deep', { body: `{"value":${deep}}` });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'body' }] } });
    expect((await get('deep')).status).toBe(404);
  });

  it('is no-store and never answers 304, because the time to live changes', async () => {
    const { etag } = await put('tagged', 1);
    const again = await served.call('GET', '/cache/tagged', { headers: { 'if-none-match': etag } });
    expect(again).toMatchObject({ status: 200, etag, body: { value: 1 } });
    expect(again.headers.get('cache-control')).toBe('no-store');
  });

  it('stores a value of exactly 1 MiB, and refuses one byte more', async () => {
    const value = 'x'.repeat(1_048_574);
    expect((await put('full', value)).status).toBe(201);
    expect((await get('full')).body).toMatchObject({ value });
    expect((await put('full', `${value}x`)).status).toBe(413);
    const entries = [{ key: 'full', value: `${value}x` }];
    expect((await served.call('POST', '/cache/batch/set', { body: { entries } })).status).toBe(413);
  });

  it('answers 404 for a missing entry and for an expired one', async () => {
    await put('gone', 1);
    await command('PEXPIREAT', 'cache:gone', 1);
    expect((await get('gone')).status).toBe(404);
    expect((await get('never')).status).toBe(404);
  });

  it.each([
    [{ ttl_seconds: 1 }, 'body.value'],
    [{ value: 1, ttl_seconds: 0 }, 'body.ttl_seconds'],
    [{ value: 1, ttl_seconds: 31_536_001 }, 'body.ttl_seconds'],
    [{ value: 1, ttl_seconds: '60' }, 'body.ttl_seconds'],
    [{ value: 1, ttl: 60 }, 'body.ttl'],
  ])('refuses %j and names %s', async (body, path) => {
    const answer = await served.call('PUT', '/cache/wrong', { body });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } });
  });
});

describe('the time to live', () => {
  it('counts down in whole seconds, rounded up', async () => {
    await served.call('PUT', '/cache/brief', { body: { value: 1, ttl_seconds: 60 } });
    expect((await get('brief')).body).toMatchObject({ ttl_seconds: 60 });
    await command('PEXPIRE', 'cache:brief', 30_000);
    expect((await get('brief')).body).toMatchObject({ ttl_seconds: 30 });
  });

  it('is removed when the entry is set again without one', async () => {
    await served.call('PUT', '/cache/brief', { body: { value: 1, ttl_seconds: 60 } });
    await put('brief', 2);
    expect((await get('brief')).body).toEqual({ key: 'brief', value: 2, ttl_seconds: null });
  });
});

describe('preconditions', () => {
  it('add: writes only when the entry does not exist', async () => {
    expect((await put('k', 1, { 'if-none-match': '*' })).status).toBe(201);
    expect((await put('k', 2, { 'if-none-match': '*' })).status).toBe(412);
    expect((await get('k')).body).toMatchObject({ value: 1 });
  });

  it('replace: writes only when the entry exists', async () => {
    expect((await put('k', 1, { 'if-match': '*' })).status).toBe(412);
    await put('k', 1);
    expect((await put('k', 2, { 'if-match': '*' })).status).toBe(200);
  });

  it('compare-and-set: writes only when one of the given ETags is current', async () => {
    const { etag } = await put('k', 1);
    const { etag: second } = await put('k', 2, { 'if-match': `"other", ${etag}` });
    expect((await put('k', 3, { 'if-match': etag })).status).toBe(412);
    expect((await put('k', 3, { 'if-match': second })).status).toBe(200);
    expect((await put('nothing', 3, { 'if-match': second })).status).toBe(412);
  });

  it('compare-and-set: refuses a value that changed and changed back', async () => {
    const { etag } = await put('k', 'A');
    await put('k', 'B');
    const back = await put('k', 'A');
    expect((await put('k', 'C', { 'if-match': etag })).status).toBe(412);
    expect((await put('k', 'C', { 'if-match': back.etag })).status).toBe(200);
  });

  it('refuses an ETag that is weak, malformed, or only contains the current one', async () => {
    const { etag } = await put('k', 1);
    const near = [`"x${etag.slice(1, -1)}x"`, `W/${etag}`, etag.slice(1, -1), '"*"', ''];
    const answers = await Promise.all(near.map((tag) => put('k', 2, { 'if-match': tag })));
    expect(answers.map(({ status }) => status)).toEqual(near.map(() => 412));
  });

  it('refuses If-Match together with If-None-Match', async () => {
    expect((await put('k', 1, { 'if-match': '*', 'if-none-match': '*' })).status).toBe(400);
  });
});

describe('POST /cache', () => {
  it('sets the entry named in the body', async () => {
    const answer = await served.call('POST', '/cache', { body: { key: 'motd', value: ['hi'], ttl_seconds: 60 } });
    expect(answer).toMatchObject({ status: 201, body: { key: 'motd', value: ['hi'], ttl_seconds: 60 } });
  });

  it('takes {keyname, keyvalue} from older systems, also to replace', async () => {
    const body = { keyname: 'color', keyvalue: 'blue' };
    const statuses = [await served.call('POST', '/cache', { body }), await served.call('POST', '/cache', { body })];
    expect(statuses.map(({ status }) => status)).toEqual([201, 200]);
    expect((await get('color')).body).toEqual({ key: 'color', value: 'blue', ttl_seconds: null });
  });

  it('honours preconditions', async () => {
    await put('k', 1);
    const body = { key: 'k', value: 2 };
    expect((await served.call('POST', '/cache', { body, headers: { 'if-none-match': '*' } })).status).toBe(412);
  });

  it.each([
    [{ key: 'a b', value: 1 }, 'body.key'],
    [{ keyname: '', keyvalue: 1 }, 'body.keyname'],
    [{ key: 'a', value: 1, keyname: 'a' }, 'body.keyname'],
    [{ keyname: 'a', keyvalue: 1, ttl_seconds: 5 }, 'body.ttl_seconds'],
    [[], 'body'],
  ])('refuses %j and names %s', async (body, path) => {
    expect(await served.call('POST', '/cache', { body })).toMatchObject({ status: 400, body: { errors: [{ path }] } });
  });
});

describe('DELETE /cache/{key}', () => {
  it('deletes, then answers 404', async () => {
    await put('k', 1);
    expect((await served.call('DELETE', '/cache/k')).status).toBe(204);
    expect((await served.call('DELETE', '/cache/k')).status).toBe(404);
  });

  it('keeps a value whose ETag has changed', async () => {
    const { etag } = await put('k', 1);
    await put('k', 2);
    expect((await served.call('DELETE', '/cache/k', { headers: { 'if-match': etag } })).status).toBe(412);
    expect((await get('k')).status).toBe(200);
  });
});

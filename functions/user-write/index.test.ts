import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { userRead } from '../user-read/index.ts';
import { userWrite } from './index.ts';

const paul = { name: 'Paul John', email: 'paul.john@example.com', age: 42, city: 'London', height: 0, weight: 0 };

const served = await startServe([userRead, userWrite]);
beforeEach(emptyRedis);
afterAll(() => served.stop());

const put = (id: number | string, body: unknown, headers: Record<string, string> = {}) =>
  served.call('PUT', `/users/${id}`, { body, headers });
const patch = (id: number, body: unknown, headers: Record<string, string> = {}) =>
  served.call('PATCH', `/users/${id}`, { body, headers });
const get = (id: number | string) => served.call('GET', `/users/${id}`);

describe('PUT /users/{id}', () => {
  it('creates with 201 and a Location, then replaces the whole document with 200', async () => {
    const first = await put(4, { ...paul, gender: true });
    const second = await put(4, paul);
    expect(first).toMatchObject({ status: 201, body: { id: 4, ...paul, gender: true } });
    expect(first.headers.get('location')).toBe('/users/4');
    expect(second).toMatchObject({ status: 200, body: { id: 4, ...paul } });
    expect((await get(4)).body).toEqual({ id: 4, ...paul });
  });

  it.each([
    ['True', true],
    ['False', false],
    ['tRUE', true],
    [true, true],
    [null, null],
  ])('takes the gender %j', async (gender, expected) => {
    expect((await put(4, { ...paul, gender })).body).toMatchObject({ gender: expected });
  });

  it.each(['0', '9007199254740991'])('takes the id %s', async (id) => {
    await put(id, paul);
    expect((await get(id)).body).toEqual({ id: Number(id), ...paul });
  });

  it.each(['-1', '01', '1e3', '0x1', '1.0', '9007199254740992', '+1', '%31%00', 'NaN'])(
    'refuses the id %s',
    async (id) => {
      expect(await put(id, paul)).toMatchObject({ status: 400, body: { errors: [{ path: 'path.id' }] } });
    },
  );

  it.each([
    ['name', ''],
    ['name', 'x'.repeat(201)],
    ['email', 'nobody'],
    ['age', 151],
    ['age', -1],
    ['age', 1.5],
    ['age', '42'],
    ['city', null],
    ['height', -0.1],
    ['weight', '74'],
    ['gender', 'yes'],
    ['extra', 1],
    ['id', 4],
  ])('refuses %s %j and names it', async (field, value) => {
    const answer = await put(4, { ...paul, [field]: value });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: `body.${field}` }] } });
  });

  it('lists all faults at once, including missing fields', async () => {
    const { body } = await put('x', { name: '', age: 'old' });
    const faults = Object.values(Object(body).errors).map((fault) => Object(fault).path);
    const wrong = ['path.id', 'body.name', 'body.email', 'body.age', 'body.city', 'body.height', 'body.weight'];
    expect(faults.sort()).toEqual(wrong.sort());
  });

  it('honours If-Match and If-None-Match', async () => {
    const { etag } = await put(4, paul, { 'if-none-match': '*' });
    expect((await put(4, paul, { 'if-none-match': '*' })).status).toBe(412);
    expect((await put(4, { ...paul, age: 43 }, { 'if-match': etag })).status).toBe(200);
    expect((await put(4, { ...paul, age: 44 }, { 'if-match': etag })).status).toBe(412);
    expect((await put(5, paul, { 'if-match': '*' })).status).toBe(412);
    expect((await get(4)).body).toMatchObject({ age: 43 });
    expect((await get(5)).status).toBe(404);
  });
});

describe('PATCH /users/{id}', () => {
  it('changes some fields and leaves the others', async () => {
    await put(4, { ...paul, gender: null });
    const answer = await patch(4, { age: 43 }, { 'content-type': 'application/merge-patch+json' });
    expect(answer).toMatchObject({ status: 200, body: { id: 4, ...paul, gender: null, age: 43 } });
    expect(await get(4)).toMatchObject({ body: answer.body, etag: answer.etag });
  });

  it('removes an optional field with null', async () => {
    await put(4, { ...paul, gender: true });
    expect((await patch(4, { gender: null })).body).toEqual({ id: 4, ...paul });
    expect((await patch(4, { city: null })).status).toBe(400);
  });

  it('answers 404 for a missing user, and creates none', async () => {
    expect((await patch(4, { age: 1 })).status).toBe(404);
    expect((await get(4)).status).toBe(404);
  });

  it('honours If-Match', async () => {
    const { etag } = await put(4, paul);
    expect((await patch(4, { age: 43 }, { 'if-match': etag })).status).toBe(200);
    expect((await patch(4, { age: 44 }, { 'if-match': etag })).status).toBe(412);
  });

  it('keeps all of 100 concurrent patches to different fields', async () => {
    await put(4, paul);
    const changes = [{ age: 50 }, { city: 'Rome' }, { height: 1.8 }, { weight: 80 }, { name: 'P' }];
    const sent = Array.from({ length: 100 }, (_, at) => patch(4, changes[at % changes.length]));
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    expect(statuses).toEqual(Array(100).fill(200));
    expect((await get(4)).body).toEqual({ id: 4, ...paul, ...Object.assign({}, ...changes) });
  });
});

describe('DELETE /users/{id}', () => {
  it('deletes, then answers 404', async () => {
    await put(4, paul);
    const statuses = [await served.call('DELETE', '/users/4'), await served.call('DELETE', '/users/4'), await get(4)];
    expect(statuses.map(({ status }) => status)).toEqual([204, 404, 404]);
  });

  it('honours If-Match', async () => {
    const { etag } = await put(4, paul);
    await put(4, { ...paul, age: 1 });
    expect((await served.call('DELETE', '/users/4', { headers: { 'if-match': etag } })).status).toBe(412);
  });
});

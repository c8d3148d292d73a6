import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { items } from './index.ts';

const tea = { name: 'Tea', price: 4.5 };

const served = await startServe([items]);
beforeEach(emptyRedis);
afterAll(() => served.stop());

const post = (id: number | string, body: unknown) => served.call('POST', `/items/${id}`, { body });
const put = (id: number, body: unknown, headers: Record<string, string> = {}) =>
  served.call('PUT', `/items/${id}`, { body, headers });
const get = (id: number) => served.call('GET', `/items/${id}`);

describe('POST /items/{id}', () => {
  it('creates with 201 and a Location', async () => {
    const answer = await post(1, tea);
    expect(answer).toMatchObject({ status: 201, body: { id: 1, ...tea } });
    expect(answer.headers.get('location')).toBe('/items/1');
    expect(await get(1)).toMatchObject({ status: 200, body: { id: 1, ...tea }, etag: answer.etag });
  });

  it('answers 409 for an existing item, and leaves it unchanged', async () => {
    await post(1, tea);
    expect((await post(1, { name: 'Coffee', price: 1 })).status).toBe(409);
    expect((await get(1)).body).toEqual({ id: 1, ...tea });
  });

  it('creates only when its precondition holds, and checks it before the conflict', async () => {
    const create = (id: number, headers: Record<string, string>) =>
      served.call('POST', `/items/${id}`, { body: tea, headers });
    expect((await create(1, { 'if-match': '*' })).status).toBe(412);
    expect((await create(1, { 'if-match': '"other"' })).status).toBe(412);
    const { status, etag } = await create(1, { 'if-none-match': '*' });
    expect(status).toBe(201);
    expect((await create(1, { 'if-none-match': '*' })).status).toBe(412);
    expect((await create(1, { 'if-match': '"other"' })).status).toBe(412);
    expect((await create(1, { 'if-match': etag })).status).toBe(409);
  });

  it('lets exactly one of 50 concurrent requests create the item', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => post(1, { name: 'Tea', price: at })));
    const created = answers.filter(({ status }) => status === 201);
    expect(created).toHaveLength(1);
    expect((await get(1)).body).toEqual(created[0]?.body);
  });

  it.each([0, 0.1, 1e21, 19.99])('keeps the price %d a number', async (price) => {
    await post(1, { ...tea, price });
    expect((await get(1)).body).toEqual({ id: 1, name: 'Tea', price });
  });

  it.each([
    ['price', '4.5'],
    ['price', -1],
    ['price', null],
    ['name', ''],
    ['name', 5],
    ['extra', 1],
  ])('refuses %s %j and names it', async (field, value) => {
    const answer = await post(1, { ...tea, [field]: value });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: `body.${field}` }] } });
  });

  it.each(['-1', '1e3', '9007199254740992'])('refuses the id %s', async (id) => {
    expect((await post(id, tea)).status).toBe(400);
  });
});

describe('PUT /items/{id}', () => {
  it('replaces the whole item', async () => {
    await post(1, tea);
    expect(await put(1, { name: 'Coffee', price: 3 })).toMatchObject({ status: 200, body: { id: 1, price: 3 } });
    expect((await get(1)).body).toEqual({ id: 1, name: 'Coffee', price: 3 });
  });

  it('answers 404 for a missing item, and creates none', async () => {
    expect((await put(1, tea)).status).toBe(404);
    expect((await put(1, tea, { 'if-none-match': '*' })).status).toBe(404);
    expect((await get(1)).status).toBe(404);
  });

  it('honours preconditions', async () => {
    const { etag } = await post(1, tea);
    expect((await put(1, { ...tea, price: 5 }, { 'if-match': etag })).status).toBe(200);
    expect((await put(1, tea, { 'if-match': etag })).status).toBe(412);
    expect((await put(1, tea, { 'if-none-match': '*' })).status).toBe(412);
    expect((await put(2, tea, { 'if-match': '*' })).status).toBe(412);
    expect((await get(1)).body).toMatchObject({ price: 5 });
  });
});

describe('DELETE and GET', () => {
  it('answer 404 once the item is deleted', async () => {
    await post(1, tea);
    const answers = [await served.call('DELETE', '/items/1'), await served.call('DELETE', '/items/1'), await get(1)];
    expect(answers.map(({ status }) => status)).toEqual([204, 404, 404]);
  });

  it('answer pages sorted by id, and null after the last one, even when it is full', async () => {
    for (const id of [10, 9, 100, 1]) await post(id, tea);
    const first = await served.call('GET', '/items?limit=2');
    const second = await served.call('GET', '/items?limit=2&cursor=9');
    expect(first.body).toMatchObject({ items: [{ id: 1 }, { id: 9 }], next_cursor: '9' });
    expect(second.body).toMatchObject({ items: [{ id: 10 }, { id: 100 }], next_cursor: null });
  });
});

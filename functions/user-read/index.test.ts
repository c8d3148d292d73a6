import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { putUser } from '../../shared/domain/documents/users.ts';
import { etagOf } from '../../shared/stored-text.ts';
import { userRead } from './index.ts';

const paul = { name: 'Paul John', email: 'paul.john@example.com', age: 42, city: 'London', height: 0, weight: 0 };

const served = await startServe([userRead]);
beforeEach(emptyRedis);
afterAll(() => served.stop());

describe('GET /users', () => {
  it('answers pages sorted by id', async () => {
    const ids = [3, 20, 100, 1, 9_007_199_254_740_991];
    await Promise.all(ids.map((id) => putUser(id, paul)));
    const first = await served.call('GET', '/users?limit=3');
    const second = await served.call('GET', '/users?limit=3&cursor=20');
    expect(first.body).toMatchObject({ users: [{ id: 1 }, { id: 3 }, { id: 20 }], next_cursor: '20' });
    expect(second.body).toMatchObject({ users: [{ id: 100 }, { id: 9_007_199_254_740_991 }], next_cursor: null });
  });

  it.each(['limit=0', 'limit=101', 'limit=1&limit=2', 'cursor=x', 'unknown=1'])('refuses ?%s', async (query) => {
    expect((await served.call('GET', `/users?${query}`)).status).toBe(400);
  });
});

describe('GET /users/{id}', () => {
  it('answers the user with its id, and 404 for a missing one', async () => {
    await putUser(4, paul);
    expect((await served.call('GET', '/users/4')).body).toEqual({ id: 4, ...paul });
    expect((await served.call('GET', '/users/5')).status).toBe(404);
  });

  it('answers 304 for a current ETag', async () => {
    const { text } = await putUser(4, paul);
    const etag = etagOf(text);
    expect((await served.call('GET', '/users/4', { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await served.call('HEAD', '/users/4')).headers.get('etag')).toBe(etag);
  });
});

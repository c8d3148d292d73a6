import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { userRead } from '../functions/user-read/index.ts';
import { userWrite } from '../functions/user-write/index.ts';
import { createClient } from '../shared/client.ts';
import { addThrough, seedUsers } from './seed.ts';
import { emptyRedis, type Served, startServe } from './testing/served.ts';

let served: Served;
beforeAll(async () => {
  served = await startServe([userRead, userWrite]);
});
beforeEach(emptyRedis);
afterAll(() => served.stop());

const seedThrough = (url: string) => seedUsers(addThrough(createClient(url)));
const users = async () => (await served.call('GET', '/users')).body;

it('writes the same users through the functions as to Redis directly', async () => {
  expect(await seedUsers()).toBe(3);
  const stored = await users();
  await emptyRedis();
  expect(await seedThrough(served.url)).toBe(3);
  expect(await users()).toEqual(stored);
});

it('writes only the missing users, also through the functions', async () => {
  await seedUsers();
  await served.call('PUT', '/users/1', {
    body: { name: 'Mine', email: 'm@example.com', age: 1, city: 'A', height: 0, weight: 0 },
  });
  await served.call('DELETE', '/users/2');
  expect(await seedThrough(served.url)).toBe(1);
  expect((await served.call('GET', '/users/1')).body).toMatchObject({ name: 'Mine' });
});

it('reports the response of a function that cannot write users', async () => {
  const reading = await startServe([userRead]);
  await expect(seedThrough(reading.url)).rejects.toThrow(/users\/\d answered 405: /);
  await reading.stop();
});

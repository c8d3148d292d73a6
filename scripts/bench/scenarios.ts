import type { Scenario } from './throughput.ts';

export const user = {
  name: 'Paul John',
  email: 'paul.john@example.com',
  age: 42,
  city: 'London',
  height: 1.78,
  weight: 74.5,
  gender: true,
};

const putUser = { method: 'PUT', path: '/users/1', body: JSON.stringify(user) } as const;

export const readUser: Scenario = {
  name: 'GET /users/{id}',
  target: 'user-read',
  ask: { method: 'GET', path: '/users/1' },
  beside: ['naive', 'fastify', 'hono', 'ceiling'],
  goal: '≤ 0.16 · 0.85 · 0.70 · 1.00 ×',
  seed: [{ target: 'user-write', ask: putUser }],
};

export const writeUser: Scenario = {
  name: 'PUT /users/{id}',
  target: 'user-write',
  ask: putUser,
  beside: ['naive', 'fastify', 'hono', 'ceiling'],
  goal: '≤ 0.25 · 0.95 · 0.85 · 1.15 ×',
};

/** The lightest read of a limited function that asks Redis: the latest sample, then an hour of samples. */
export const readHour: Scenario = {
  name: 'GET /is-bitcoin-lit/history',
  target: 'is-bitcoin-lit',
  ask: { method: 'GET', path: '/is-bitcoin-lit/history?hours=1&step_seconds=3600' },
  beside: [],
  goal: '≥ 0.7 ×',
};

/** As Memorystore is: a millisecond away, and as many requests at once as an instance takes. */
const readUserFromAfar: Scenario = {
  ...readUser,
  name: 'GET /users/{id}, Redis 1 ms away, 80 at once',
  ask: { ...readUser.ask, connections: 80 },
  distanceMs: 1,
  goal: '',
};

const cacheEntry = { value: { greeting: 'hello', at: [1, 2, 3] } };

export const readCache: Scenario = {
  name: 'GET /cache/{key}',
  target: 'cache',
  ask: { method: 'GET', path: '/cache/greeting' },
  beside: ['naive'],
  goal: '≤ 0.25 ×',
  seed: [{ target: 'cache', ask: { method: 'PUT', path: '/cache/greeting', body: JSON.stringify(cacheEntry) } }],
};

/** What is compared under load. */
export const scenarios: readonly Scenario[] = [
  readUser,
  writeUser,
  {
    name: 'POST /counters/{name}',
    target: 'counters',
    ask: { method: 'POST', path: '/counters/visits', body: '{"by":1}' },
    beside: ['naive', 'ceiling'],
    goal: '≤ 0.25 · 1.05 ×',
  },
  readCache,
  readUserFromAfar,
];

import { type RequestSpec, send } from './http-load.ts';
import { type ServerSpec, startServer } from './machine.ts';
import { naive, ours } from './servers.ts';

/** A request to measure under load, and the baselines to compare it with. */
export interface Scenario {
  readonly name: string;
  readonly target: string;
  readonly request: RequestSpec;
  readonly rivals: readonly ('naive' | 'fastify' | 'hono' | 'ceiling')[];
  readonly goal: string;
  /** Stores what the request reads. */
  readonly seed?: { readonly target: string; readonly request: RequestSpec };
  /** How long a proxy delays each reply of Redis; without it, there is no proxy. */
  readonly redisDelayMs?: number;
}

export const user = {
  name: 'Paul John',
  email: 'paul.john@example.com',
  age: 42,
  city: 'London',
  height: 1.78,
  weight: 74.5,
  gender: true,
};
export const cacheValue = { greeting: 'hello', at: [1, 2, 3] };

export const writeUser: Scenario = {
  name: 'PUT /users/{id}',
  target: 'user-write',
  request: { method: 'PUT', path: '/users/1', body: JSON.stringify(user) },
  rivals: ['naive', 'fastify', 'hono', 'ceiling'],
  goal: '≤ 0.25 · 0.95 · 0.85 · 1.15 ×',
};

export const readUser: Scenario = {
  name: 'GET /users/{id}',
  target: 'user-read',
  request: { method: 'GET', path: '/users/1' },
  rivals: ['naive', 'fastify', 'hono', 'ceiling'],
  goal: '≤ 0.16 · 0.85 · 0.70 · 1.00 ×',
  seed: writeUser,
};

export const scenarios: readonly Scenario[] = [
  readUser,
  writeUser,
  {
    name: 'POST /counters/{name}',
    target: 'counters',
    request: { method: 'POST', path: '/counters/visits', body: '{"by":1}' },
    rivals: ['naive', 'ceiling'],
    goal: '≤ 0.25 · 1.05 ×',
  },
  {
    name: 'GET /cache/{key}',
    target: 'cache',
    request: { method: 'GET', path: '/cache/greeting' },
    rivals: ['naive'],
    goal: '≤ 0.25 ×',
    seed: {
      target: 'cache',
      request: { method: 'PUT', path: '/cache/greeting', body: JSON.stringify({ value: cacheValue }) },
    },
  },
  // As with Memorystore: a millisecond away, and as many concurrent requests as one instance accepts.
  {
    ...readUser,
    name: 'GET /users/{id}, Redis 1 ms away, 80 at once',
    request: { ...readUser.request, connections: 80 },
    goal: '',
    redisDelayMs: 1,
  },
];

/** The cheapest request of a rate-limited function that still reads from Redis: the latest sample, then one hour of samples. */
export const readHour: RequestSpec = { method: 'GET', path: '/is-bitcoin-lit/history?hours=1&step_seconds=3600' };

/** Starts a server for a single request. */
export const sendOnce = async (spec: ServerSpec, request: RequestSpec): Promise<void> => {
  const server = await startServer(spec);
  await send(server.url, request).finally(server.stop);
};

/** Stores what a scenario reads. Fastify, Hono and the ceiling read what the naive function stores. */
export const seedFor = async ({ seed, rivals }: Scenario, redisUrl: string): Promise<void> => {
  if (seed === undefined) return;
  await sendOnce(ours(seed.target, redisUrl), seed.request);
  if (rivals.includes('naive')) await sendOnce(naive(seed.target, redisUrl), seed.request);
};

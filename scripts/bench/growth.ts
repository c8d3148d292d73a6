import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createRespClient } from '../testing/resp.ts';
import { type Ask, flood } from './http-load.ts';
import { type Running, startServer } from './machine.ts';
import { median, type Row } from './report.ts';
import { user } from './scenarios.ts';
import { ours, type Where } from './servers.ts';

/*
 * What more data costs: the same request with a thousand things stored and with a million, CPU of the function and of
 * Redis together, in turn. And what one thing weighs in Redis beside its text.
 */

const SIZES = [1_000, 1_000_000] as const;
const SECONDS = 2;

const get = (path: string): Ask => ({ method: 'GET', path });
const put = (path: string, value: object): Ask => ({ method: 'PUT', path, body: JSON.stringify(value) });
const value = { greeting: 'hello', at: [1, 2, 3] };

interface Growing {
  readonly what: 'users' | 'counters' | 'cache';
  /** The first of two logical databases of its own. */
  readonly database: number;
  readonly text: string;
  readonly asks: readonly [name: string, target: string, ask: Ask][];
}

const GROWING: readonly Growing[] = [
  {
    what: 'users',
    database: 8,
    text: JSON.stringify({ id: 500_000, ...user }),
    asks: [
      ['GET /users/{id}', 'user-read', get('/users/500')],
      ['PUT /users/{id}', 'user-write', put('/users/500', user)],
      ['GET /users, a page', 'user-read', get('/users?limit=20&cursor=500')],
    ],
  },
  {
    what: 'counters',
    database: 12,
    text: 'visits-500000 500000',
    asks: [['POST /counters/{name}', 'counters', { method: 'POST', path: '/counters/visits-500', body: '{"by":1}' }]],
  },
  {
    what: 'cache',
    database: 10,
    text: JSON.stringify(value),
    asks: [
      ['GET /cache/{key}', 'cache', get('/cache/key-500')],
      ['PUT /cache/{key}', 'cache', put('/cache/key-500', { value })],
      ['GET /cache, a page', 'cache', get('/cache?limit=20')],
    ],
  },
];

/** CPU seconds and bytes of Redis, as it tells itself. */
const watchRedis = (port: number) => {
  const { send, close } = createRespClient(`redis://127.0.0.1:${port}`);
  const figures = async (section: string, ...names: readonly string[]) => {
    const info = String(await send('INFO', section));
    return names.reduce((sum, name) => sum + Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]), 0);
  };
  return {
    cpuSeconds: () => figures('cpu', 'used_cpu_user', 'used_cpu_sys'),
    bytes: () => figures('memory', 'used_memory'),
    stop: close,
  };
};

type Redis = ReturnType<typeof watchRedis>;

const cost = async (server: Running, ask: Ask, redis: Redis): Promise<number> => {
  const before = server.cpuSeconds() + (await redis.cpuSeconds());
  const { requests, failures } = await flood(server, ask, SECONDS);
  if (failures > 0) throw new Error(`${ask.method} ${ask.path}: ${failures} failures`);
  return ((server.cpuSeconds() + (await redis.cpuSeconds()) - before) / requests) * 1e6;
};

const grow = async ({ what, database, text, asks }: Growing, where: Where, rounds: number): Promise<Row[]> => {
  const redis = watchRedis(where.redisPort);
  const urls = SIZES.map((_, at) => `redis://127.0.0.1:${where.redisPort}/${database + at}`);
  const bytes: number[] = [];
  for (const [at, size] of SIZES.entries()) {
    const before = await redis.bytes();
    const env = { ...process.env, REDIS_URL: urls[at], REDIS_TIMEOUT_MS: '5000' };
    await promisify(execFile)(process.execPath, ['scripts/bench/fill.ts', what, String(size)], { env });
    bytes.push(((await redis.bytes()) - before) / size);
  }
  const rows: Row[] = [];
  for (const [name, target, ask] of asks) {
    const spec = ours(target, where);
    const servers = await Promise.all(
      urls.map((url) => startServer({ ...spec, env: { ...spec.env, REDIS_URL: url } })),
    );
    const costs: number[][] = servers.map(() => []);
    for (const server of servers) await flood(server, ask, 1);
    for (let round = 0; round < rounds; round += 1) {
      for (const [at, server] of servers.entries()) costs[at]?.push(await cost(server, ask, redis));
    }
    for (const server of servers) await server.stop();
    const [small = Number.NaN, large = Number.NaN] = costs.map(median);
    const beside = [{ name: 'with 1,000', value: small, ratio: large / small }];
    rows.push({ name: `${name}, with 1,000,000 stored`, ours: large, unit: 'µs', beside, goal: '≤ 1.2 ×' });
  }
  redis.stop();
  const [, each = Number.NaN] = bytes;
  const beside = [{ name: 'its text', value: text.length, ratio: each / text.length }];
  rows.push({ name: `Redis memory of one of 1,000,000 ${what}`, ours: each, unit: 'bytes', beside });
  return rows;
};

/** The cost of requests, function and Redis together, as what is stored grows a thousandfold. */
export const growth = async (where: Where, rounds: number): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const growing of GROWING) rows.push(...(await grow(growing, where, rounds)));
  return rows;
};

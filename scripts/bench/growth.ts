import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RedisServer } from '../local/redis-server.ts';
import type { RequestSpec } from './http-load.ts';
import { emptyDatabase } from './machine.ts';
import { medians, race } from './race.ts';
import type { Row } from './report.ts';
import { cacheValue, user } from './scenarios.ts';
import { ours } from './servers.ts';

const SMALL = 1_000;
const LARGE = 1_000_000;

const get = (path: string): RequestSpec => ({ method: 'GET', path });
const put = (path: string, value: object): RequestSpec => ({ method: 'PUT', path, body: JSON.stringify(value) });

interface Growing {
  readonly what: 'users' | 'counters' | 'cache entries';
  /** One of these things as text. */
  readonly text: string;
  readonly requests: readonly [name: string, target: string, request: RequestSpec][];
}

const GROWING: readonly Growing[] = [
  {
    what: 'users',
    text: JSON.stringify({ id: 500_000, ...user }),
    requests: [
      ['GET /users/{id}', 'user-read', get('/users/500')],
      ['PUT /users/{id}', 'user-write', put('/users/500', user)],
      ['GET /users, a page', 'user-read', get('/users?limit=20&cursor=500')],
    ],
  },
  {
    what: 'counters',
    text: 'visits-500000 500000',
    requests: [
      ['POST /counters/{name}', 'counters', { method: 'POST', path: '/counters/visits-500', body: '{"by":1}' }],
    ],
  },
  {
    what: 'cache entries',
    text: JSON.stringify(cacheValue),
    requests: [
      ['GET /cache/{key}', 'cache', get('/cache/key-500')],
      ['PUT /cache/{key}', 'cache', put('/cache/key-500', { value: cacheValue })],
      ['GET /cache, a page', 'cache', get('/cache?limit=20')],
    ],
  },
];

/** The sum of these fields of INFO. */
const infoOf = async ({ admin }: RedisServer, section: string, ...fields: readonly string[]): Promise<number> => {
  const info = String(await admin('INFO', section));
  return fields.reduce((sum, field) => sum + Number(new RegExp(`${field}:([\\d.]+)`).exec(info)?.[1]), 0);
};

const fill = async (redisUrl: string, what: string, count: number): Promise<void> => {
  const env = { ...process.env, REDIS_URL: redisUrl, REDIS_TIMEOUT_MS: '5000' };
  await promisify(execFile)(process.execPath, ['scripts/bench/fill.ts', what, String(count)], { env });
};

/**
 * What more data costs: the CPU time of a request, function and Redis together, with a million things stored and with a
 * thousand; and the memory of one thing, compared with its text.
 */
export const growth = async (redis: RedisServer, rounds: number): Promise<Row[]> => {
  const rows: Row[] = [];
  const redisCpuSeconds = () => infoOf(redis, 'cpu', 'used_cpu_user', 'used_cpu_sys');
  const million = LARGE.toLocaleString('en');
  for (const { what, text, requests } of GROWING) {
    const [small, large] = [emptyDatabase(redis.url), emptyDatabase(redis.url)];
    await fill(small, what, SMALL);
    const before = await infoOf(redis, 'memory', 'used_memory');
    await fill(large, what, LARGE);
    const bytes = ((await infoOf(redis, 'memory', 'used_memory')) - before) / LARGE;
    for (const [name, target, request] of requests) {
      const contestants = [
        { name: 'ours', spec: ours(target, large), request },
        { name: `with ${SMALL.toLocaleString('en')}`, spec: ours(target, small), request },
      ];
      const series = await race(contestants, rounds, redisCpuSeconds);
      const figures = medians(series, ({ cpuMicros }) => cpuMicros);
      rows.push({ name: `${name}, with ${million} stored`, unit: 'µs', figures, goal: '≤ 1.2 ×' });
    }
    const figures = [
      { name: 'ours', value: bytes },
      { name: 'its text', value: text.length },
    ];
    rows.push({ name: `Redis memory of one of ${million} ${what}`, unit: 'bytes', figures });
  }
  return rows;
};

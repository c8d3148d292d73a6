import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../scripts/local/redis-server.ts';
import { isServed, type Served, startServe } from '../scripts/testing/served.ts';
import { storeSamples } from '../shared/domain/bitcoin/samples.ts';
import { countCall, storeCalls } from '../shared/domain/counters/calls.ts';
import { takeCall } from '../shared/domain/limiter.ts';
import { manifest } from './manifest.ts';

/** These tests start their own server and fill it. A shard of a cluster acts the same. */
const isCluster = process.env.REDIS_CLUSTER === 'true';

let redis: RedisServer;
let served: Served;
beforeAll(async () => {
  redis = await startRedis();
  process.env.REDIS_URL = redis.url;
  process.env.REDIS_CLUSTER = 'false';
  served = await startServe(manifest, { count: countCall, limit: takeCall });
  await storeSamples('senticrypt', [{ timeMs: 1_625_673_600_000, price: 34_000, sentiment: 0.25 }]);
  for (const { path } of writes) await served.call('PUT', path, { body: bodies[path] });
  await storeCalls();
  await redis.admin('CONFIG', 'SET', 'maxmemory', 1);
});
afterAll(async () => {
  await redis.admin('CONFIG', 'SET', 'maxmemory', 0);
  await served.stop();
  await redis.stop();
});

const bodies: Record<string, unknown> = {
  '/users/1': { name: 'A', email: 'a@example.com', age: 1, city: 'B', height: 0, weight: 0 },
  '/counters/n': { value: 1 },
  '/cache/k': { value: 1 },
};
const writes = Object.keys(bodies)
  .filter((path) => isServed(manifest, 'PUT', path))
  .map((path) => ({ path }));
const reads = ['/users', '/items', '/counters', '/counters/calls:counters', '/cache', '/is-bitcoin-lit/history']
  .concat('/is-bitcoin-lit', ...writes.map(({ path }) => path))
  .filter((path) => isServed(manifest, 'GET', path));

describe.skipIf(isCluster)('a full Redis', () => {
  it.each(reads)('still serves GET %s', async (path) => {
    expect((await served.call('GET', path)).status).toBe(200);
  });

  it.each(writes)('answers 503 to PUT $path, and keeps the stored value', async ({ path }) => {
    const before = (await served.call('GET', path)).text;
    expect(await served.call('PUT', path, { body: bodies[path] })).toMatchObject({ status: 503 });
    expect((await served.call('GET', path)).text).toBe(before);
  });
});

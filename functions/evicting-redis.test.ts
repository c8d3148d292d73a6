import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../scripts/local/redis-server.ts';
import { addToCounter } from '../shared/domain/counters/counters.ts';
import { withLock } from '../shared/domain/lock.ts';
import { closeRedis } from '../shared/redis/index.ts';

/** These tests start their own server, with the eviction policy that Terraform sets. A shard of a cluster acts the same. */
const isCluster = process.env.REDIS_CLUSTER === 'true';
const MEBIBYTE = 1_048_576;
const YEAR_SECONDS = 31_536_000;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ config: { 'maxmemory-policy': 'volatile-ttl', 'maxmemory-samples': 64 } });
  process.env.REDIS_URL = redis.url;
  process.env.REDIS_CLUSTER = 'false';
});
afterAll(async () => {
  await closeRedis();
  await redis.stop();
});
beforeEach(async () => {
  await redis.admin('CONFIG', 'SET', 'maxmemory', 0);
  await redis.admin('FLUSHALL');
});

const statistic = async (name: string): Promise<number> =>
  Number(new RegExp(`${name}:(\\d+)`).exec(String(await redis.admin('INFO')))?.[1]);

/**
 * Fills the memory with entries that expire in a year until Redis evicts `key`. Redis samples keys and evicts the one
 * that expires soonest, so the number of entries needed is random.
 */
const fillMemoryUntilGone = async (key: string): Promise<void> => {
  const used = await statistic('used_memory');
  await redis.admin('CONFIG', 'SET', 'maxmemory', used + 8 * MEBIBYTE);
  const value = 'x'.repeat(MEBIBYTE);
  let entry = 0;
  for (; entry < 500 && (await redis.admin('EXISTS', key)) === 1; entry += 1) {
    await redis.admin('SET', `entry-${entry}`, value, 'EX', YEAR_SECONDS);
  }
  expect(entry).toBeLessThan(500);
};

describe.skipIf(isCluster)('a Redis that evicts keys under memory pressure', () => {
  it('still applies an idempotency key only once', async () => {
    await addToCounter('visits', 5, { key: 'order-1' });
    // If the stored answer had an expiry of its own, it would be evicted before this key.
    await redis.admin('SET', 'expires-sooner', 1, 'EX', YEAR_SECONDS / 2);
    await fillMemoryUntilGone('expires-sooner');
    expect(await addToCounter('visits', 5, { key: 'order-1' })).toEqual({ name: 'visits', value: 5 });
  });

  it('may grant a lock twice, the second time with a higher fencing number', async () => {
    const fences = await withLock('evicted', 60_000, async (first) => {
      await fillMemoryUntilGone('{lock:evicted}');
      return [first, await withLock('evicted', 60_000, async (second) => second)];
    });
    expect(fences).toEqual([1, 2]);
  });
});

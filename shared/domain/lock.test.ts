import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { closeRedis, redis } from '../redis/index.ts';
import { withLock } from './lock.ts';

afterAll(() => closeRedis());

const LEASE_MS = 60_000;
const newLock = () => {
  const name = `test-${randomUUID()}`;
  return { name, key: `{lock:${name}}`, lock: { name, leaseMs: LEASE_MS } };
};

describe('a lock', () => {
  it('lets one of many in, and tells the others', async () => {
    const { lock } = newLock();
    let inside = 0;
    let most = 0;
    const enter = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await redis((client) => client.ping());
      inside -= 1;
      return 'done';
    };
    const results = await Promise.all(Array.from({ length: 50 }, () => withLock(lock, enter)));
    expect(most).toBe(1);
    expect(results.filter((result) => result === 'done').length).toBeGreaterThan(0);
  });

  it('is free again after the work, and after work that failed', async () => {
    const { lock } = newLock();
    await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(lock, async () => 'done')).toBe('done');
  });

  it('is released by nobody but its owner', async () => {
    const { lock, key } = newLock();
    await withLock(lock, async () => {
      await redis((client) => client.set(key, 'another'));
    });
    expect(await redis((client) => client.get(key))).toBe('another');
    await redis((client) => client.del(key));
  });

  it('numbers its holders upwards', async () => {
    const { lock } = newLock();
    const first = await withLock(lock, async (fence) => fence);
    const second = await withLock(lock, async (fence) => fence);
    expect([first, second]).toEqual([1, 2]);
  });

  it('is extended four times in its lease while the work runs, and not after', async () => {
    const { lock, key } = newLock();
    const ticks: { ms: number; task: () => void }[] = [];
    let stopped = 0;
    const every = (ms: number, task: () => void) => {
      ticks.push({ ms, task });
      return () => {
        stopped += 1;
      };
    };
    await withLock({ ...lock, every }, async () => {
      await redis((client) => client.expire(key, 5));
      ticks[0]?.task();
      await expect.poll(() => redis((client) => client.pTTL(key))).toBeGreaterThan(LEASE_MS / 2);
    });
    expect(ticks.map(({ ms }) => ms)).toEqual([LEASE_MS / 4]);
    expect(stopped).toBe(1);
  });

  it('is free after its lease when its holder has died', async () => {
    const { lock, key } = newLock();
    await withLock(lock, async () => {
      const leftMs = await redis((client) => client.pTTL(key));
      expect([leftMs > 0, leftMs <= LEASE_MS]).toEqual([true, true]);
    });
  });
});

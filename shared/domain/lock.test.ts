import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { command } from '../../scripts/testing/served.ts';
import { closeRedis, redis } from '../redis/index.ts';
import { withLock } from './lock.ts';

afterAll(() => closeRedis());

const LEASE_MS = 60_000;
const newLock = () => {
  const name = `test-${randomUUID()}`;
  return { name, key: `{lock:${name}}`, lock: { name, leaseMs: LEASE_MS } };
};

describe('a lock', () => {
  it('returns undefined to everyone else while it is held', async () => {
    const { lock } = newLock();
    const { promise: work, resolve } = Promise.withResolvers<string>();
    const entered = Promise.withResolvers<void>();
    const first = withLock(lock, () => {
      entered.resolve();
      return work;
    });
    await entered.promise;
    const others = await Promise.all(Array.from({ length: 50 }, () => withLock(lock, async () => 'done')));
    resolve('done');
    expect(new Set(others)).toEqual(new Set([undefined]));
    expect(await first).toBe('done');
  });

  it('is acquired by exactly one of many at the same time', async () => {
    const { lock } = newLock();
    const { promise: work, resolve } = Promise.withResolvers<void>();
    let inside = 0;
    const enter = () => {
      inside += 1;
      return work;
    };
    const all = Promise.all(Array.from({ length: 50 }, () => withLock(lock, enter)));
    await expect.poll(() => inside).toBe(1);
    resolve();
    await all;
    expect(inside).toBe(1);
  });

  it('is free again after the work, even if the work failed', async () => {
    const { lock } = newLock();
    await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(lock, async () => 'done')).toBe('done');
  });

  it('is released by its holder only', async () => {
    const { lock, key } = newLock();
    await withLock(lock, async () => {
      await redis((client) => client.set(key, 'another'));
    });
    expect(await redis((client) => client.get(key))).toBe('another');
    await redis((client) => client.del(key));
  });

  it('gives each holder a higher number', async () => {
    const { lock } = newLock();
    const first = await withLock(lock, async (fence) => fence);
    const second = await withLock(lock, async (fence) => fence);
    expect([first, second]).toEqual([1, 2]);
  });

  it('is extended four times per lease while the work runs, and not afterwards', async () => {
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
      await command('expire', key, 5);
      ticks[0]?.task();
      await expect.poll(() => redis((client) => client.pTTL(key))).toBeGreaterThan(LEASE_MS / 2);
    });
    expect(ticks.map(({ ms }) => ms)).toEqual([LEASE_MS / 4]);
    expect(stopped).toBe(1);
  });

  it('is free after its lease if its holder has crashed', async () => {
    const { lock, key } = newLock();
    await withLock(lock, async () => {
      const leftMs = await redis((client) => client.pTTL(key));
      expect([leftMs > 0, leftMs <= LEASE_MS]).toEqual([true, true]);
      await redis((client) => client.del(key));
      expect(await withLock(lock, async () => 'done')).toBe('done');
    });
  });
});

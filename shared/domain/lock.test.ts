import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { command } from '../../scripts/testing/served.ts';
import { closeRedis, redis } from '../redis/index.ts';
import { withLock } from './lock.ts';

afterAll(() => closeRedis());

const LEASE_MS = 60_000;
const newLock = () => {
  const name = `test-${randomUUID()}`;
  return { name, key: `{lock:${name}}` };
};

describe('a lock', () => {
  it('returns undefined to everyone else while it is held', async () => {
    const { name } = newLock();
    const { promise: work, resolve } = Promise.withResolvers<string>();
    const entered = Promise.withResolvers<void>();
    const first = withLock(name, LEASE_MS, () => {
      entered.resolve();
      return work;
    });
    await entered.promise;
    const others = await Promise.all(Array.from({ length: 50 }, () => withLock(name, LEASE_MS, async () => 'done')));
    resolve('done');
    expect(new Set(others)).toEqual(new Set([undefined]));
    expect(await first).toBe('done');
  });

  it('is acquired by exactly one of many at the same time', async () => {
    const { name } = newLock();
    const { promise: work, resolve } = Promise.withResolvers<void>();
    let inside = 0;
    const enter = () => {
      inside += 1;
      return work;
    };
    const all = Promise.all(Array.from({ length: 50 }, () => withLock(name, LEASE_MS, enter)));
    await expect.poll(() => inside).toBe(1);
    resolve();
    await all;
    expect(inside).toBe(1);
  });

  it('is free again after the work, even if the work failed', async () => {
    const { name } = newLock();
    await expect(withLock(name, LEASE_MS, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(name, LEASE_MS, async () => 'done')).toBe('done');
  });

  it('is released by its holder only', async () => {
    const { name, key } = newLock();
    await withLock(name, LEASE_MS, async () => {
      await redis((client) => client.set(key, 'another'));
    });
    expect(await redis((client) => client.get(key))).toBe('another');
    await redis((client) => client.del(key));
  });

  it('gives each holder a higher number', async () => {
    const { name } = newLock();
    const first = await withLock(name, LEASE_MS, async (fence) => fence);
    const second = await withLock(name, LEASE_MS, async (fence) => fence);
    expect([first, second]).toEqual([1, 2]);
  });

  it('is extended four times per lease while the work runs, and not afterwards', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { name, key } = newLock();
    await withLock(name, LEASE_MS, async () => {
      for (let extension = 0; extension < 4; extension += 1) {
        await command('expire', key, 5);
        vi.advanceTimersByTime(LEASE_MS / 4);
        await expect.poll(() => redis((client) => client.pTTL(key))).toBeGreaterThan(LEASE_MS / 2);
      }
    });
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('is free after its lease if its holder has crashed', async () => {
    const { name, key } = newLock();
    await withLock(name, LEASE_MS, async () => {
      const leftMs = await redis((client) => client.pTTL(key));
      expect([leftMs > 0, leftMs <= LEASE_MS]).toEqual([true, true]);
      await redis((client) => client.del(key));
      expect(await withLock(name, LEASE_MS, async () => 'done')).toBe('done');
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyRedis } from '../../../scripts/testing/served.ts';
import { startProxy, type TcpProxy } from '../../../scripts/testing/tcp-proxy.ts';
import { closeRedis } from '../../redis/index.ts';
import { Collection } from '../documents/collection.ts';
import { countCall, storeCalls } from './calls.ts';
import { getCounter, listCounters } from './counters.ts';

/** The proxy that counts trips works with a single node only. */
const isCluster = process.env.REDIS_CLUSTER === 'true';

let wire: TcpProxy;
/** The tests' clock. Each test starts a minute after the last, so that its first call is stored at once. */
let minute = 0;
beforeAll(async () => {
  wire = await startProxy(process.env.REDIS_URL ?? '');
  process.env.REDIS_URL = wire.url;
  await emptyRedis();
});
afterAll(async () => {
  await closeRedis();
  await wire.stop();
});

/** The count in Redis, without the calls that the instance has not stored yet. */
const stored = async (name: string) => Number(await new Collection('counters').get(`calls:${name}`));
const count = async (name: string, times: number, now: number) => {
  for (let at = 0; at < times; at += 1) await countCall(name, now);
};
const nextMinute = () => {
  minute += 60_000;
  return minute;
};

describe('the calls of a function', () => {
  it('are stored with the first call, then at most once a second', async () => {
    const start = nextMinute();
    await count('a', 1, start);
    await count('a', 20, start + 999);
    expect(await stored('a')).toBe(1);
    await count('a', 1, start + 1_000);
    expect(await stored('a')).toBe(22);
  });

  it('cost no trip until the next second', async () => {
    const start = nextMinute();
    await count('b', 1, start);
    const before = wire.trips();
    await count('b', 1_000, start + 500);
    expect(wire.trips()).toBe(before);
  });

  it('are exact for reads in the same process', async () => {
    await count('c', 37, nextMinute());
    expect(await getCounter('calls:c')).toEqual({ name: 'calls:c', value: 37 });
    await count('c', 5, minute);
    const { counters } = await listCounters({ prefix: 'calls:c', limit: 20 });
    expect(counters).toEqual([{ name: 'calls:c', value: 42 }]);
  });

  it.skipIf(isCluster)('of several functions are stored in one trip', async () => {
    const start = nextMinute();
    await count('d', 1, start);
    await Promise.all(['d', 'e', 'f'].map((name) => countCall(name, start + 1)));
    const before = wire.trips();
    await count('d', 1, start + 2_000);
    expect(wire.trips() - before).toBe(1);
    expect([await stored('d'), await stored('e'), await stored('f')]).toEqual([3, 1, 1]);
  });

  it.each(['request', 'reply'] as const)('are counted once when the connection breaks on the %s', async (trigger) => {
    await count(trigger, 3, nextMinute());
    wire.resetOn(trigger);
    await count(trigger, 4, nextMinute());
    await storeCalls().catch(() => {});
    wire.resetOn('never');
    expect(await getCounter(`calls:${trigger}`)).toEqual({ name: `calls:${trigger}`, value: 7 });
    await storeCalls();
    expect(await stored(trigger)).toBe(7);
  });

  it.skipIf(isCluster)('cannot be read while Redis is away, and delay no call', async () => {
    const start = nextMinute();
    wire.resetOn('request');
    await count('away', 1, start);
    await expect(getCounter('calls:away')).rejects.toMatchObject({ code: 'redis-unavailable' });
    expect(countCall('away', start + 2_000)).toBeUndefined();
    wire.resetOn('never');
    await countCall('away', start + 10_000);
    await storeCalls();
    expect(await stored('away')).toBe(3);
  });

  it('are counted once when two stores run at the same time', async () => {
    const start = nextMinute();
    await count('twice', 1, start);
    await count('twice', 9, start + 1);
    await Promise.all([storeCalls(), countCall('twice', start + 5_000), storeCalls()]);
    await storeCalls();
    expect(await stored('twice')).toBe(11);
  });
});

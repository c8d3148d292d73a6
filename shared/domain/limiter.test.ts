import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allKeys, command, emptyRedis } from '../../scripts/testing/served.ts';
import { startProxy, type TcpProxy } from '../../scripts/testing/tcp-proxy.ts';
import { closeRedis } from '../redis/index.ts';
import { clientKey, takeCall } from './limiter.ts';

/** What breaks the wire stands before one node only. */
const isCluster = process.env.REDIS_CLUSTER === 'true';

const LIMIT = 5;

let wire: TcpProxy;
/** Milliseconds of the test's own clock; each test starts an hour after the last, when nothing is remembered. */
let now = 0;
beforeAll(async () => {
  process.env.RATE_LIMIT_PER_MINUTE = String(LIMIT);
  wire = await startProxy(process.env.REDIS_URL ?? '');
  process.env.REDIS_URL = wire.url;
});
beforeEach(async () => {
  now += 3_600_000;
  await emptyRedis();
});
afterAll(async () => {
  await closeRedis();
  await wire.stop();
});

const take = (client = '203.0.113.7', functionName = 'f') => takeCall(functionName, client, now);
const takeMany = async (times: number, client?: string) => {
  const allowed: (boolean | undefined)[] = [];
  for (let at = 0; at < times; at += 1) allowed.push((await take(client))?.allowed);
  return allowed;
};

describe('the limit of a client', () => {
  it('allows so many calls a minute and says how many are left', async () => {
    expect(await take()).toEqual({ allowed: true, limit: LIMIT, window_seconds: 60, remaining: 4, reset_seconds: 60 });
    expect(await takeMany(5)).toEqual([true, true, true, true, false]);
    expect(await take()).toEqual({ allowed: false, limit: LIMIT, window_seconds: 60, remaining: 0, reset_seconds: 60 });
  });

  it('holds for each function and each client on its own', async () => {
    await takeMany(LIMIT + 1);
    expect(await take('203.0.113.8')).toMatchObject({ allowed: true });
    expect(await take('203.0.113.7', 'g')).toMatchObject({ allowed: true });
  });

  it('is exact however many calls come at once', async () => {
    const taken = await Promise.all(Array.from({ length: 100 }, () => take()));
    expect(taken.filter((standing) => standing?.allowed)).toHaveLength(LIMIT);
  });

  it('starts anew when the window is over', async () => {
    await takeMany(LIMIT + 1);
    await command('PEXPIREAT', 'limit:f:203.0.113.7', 1);
    now += 60_001;
    expect(await take()).toMatchObject({ allowed: true, remaining: 4 });
  });

  it('asks Redis no more about a client that is over it, until its window is over', async () => {
    await takeMany(LIMIT + 1);
    const before = wire.trips();
    now += 59_000;
    expect(take()).toEqual({ allowed: false, limit: LIMIT, window_seconds: 60, remaining: 0, reset_seconds: 1 });
    expect(wire.trips()).toBe(before);
  });

  it('forgets what it remembers when the clock was set back', async () => {
    await takeMany(LIMIT + 1);
    now -= 1_000_000;
    await command('DEL', 'limit:f:203.0.113.7');
    expect(await take()).toMatchObject({ allowed: true });
    now += 1_000_000;
  });

  it('heals a counter that would never end', async () => {
    await command('SET', 'limit:f:203.0.113.7', LIMIT + 10);
    expect(await take()).toMatchObject({ allowed: false, reset_seconds: 60 });
    expect(await command('PTTL', 'limit:f:203.0.113.7')).toBeGreaterThan(0);
  });

  it.skipIf(isCluster)(
    'lets everybody through while Redis is away, and asks no more than once a second then',
    async () => {
      wire.become('deaf');
      expect(await takeMany(LIMIT * 2)).toEqual(Array(LIMIT * 2).fill(undefined));
      expect(take()).toBeUndefined();
      wire.become('sound');
      now += 1_000;
      expect(await take()).toMatchObject({ allowed: true });
    },
  );
});

describe('what stands for a client in a key', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::6', '2001:db8:1:2'],
    ['2001:0db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('%s is %s', (address, expected) => {
    expect(clientKey(address)).toBe(expected);
  });

  it('is short and harmless, whatever the header said', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.ipV4(), fc.ipV6()), (client) => {
        expect(clientKey(client)).toMatch(/^[\w.:-]{1,43}$/);
      }),
    );
  });

  it('writes no key but its own', async () => {
    await take('}{x:*\r\nDEL a');
    expect(await allKeys()).toEqual([expect.stringMatching(/^limit:f:[\w-]{43}$/)]);
  });
});

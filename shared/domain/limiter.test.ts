import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allKeys, command, emptyRedis } from '../../scripts/testing/served.ts';
import { startProxy, type TcpProxy } from '../../scripts/testing/tcp-proxy.ts';
import { closeRedis } from '../redis/index.ts';
import { clientKey, overrideLimit, takeCall } from './limiter.ts';

/** The proxy that breaks connections works with a single node only. */
const isCluster = process.env.REDIS_CLUSTER === 'true';

/** One more call is allowed every 20 seconds. */
const PER_MINUTE = 3;
const BURST = 5;
const KEY = `limit:f:${PER_MINUTE}-${BURST}:203.0.113.7`;
const INTERVAL_MS = 60_000 / PER_MINUTE;

/** Any UTF-16 code unit, even a lone surrogate. */
const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));

let wire: TcpProxy;
/** The tests' clock in milliseconds. Each test starts an hour after the last, when the limiter remembers nothing. */
let now = 0;
beforeAll(async () => {
  process.env.RATE_LIMIT_PER_MINUTE = String(PER_MINUTE);
  process.env.RATE_LIMIT_BURST = String(BURST);
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

/** Advances the clock of this instance and the expiry of the record in Redis. */
const pass = async (ms: number) => {
  now += ms;
  const left = Number(await command('PTTL', KEY));
  if (left >= 0) await command('PEXPIRE', KEY, Math.max(left - ms, 0));
};

const take = (client = '203.0.113.7', functionName = 'f') => takeCall(functionName, client, undefined, now);
const takeMany = async (times: number, client?: string) => {
  const allowed: (boolean | undefined)[] = [];
  for (let at = 0; at < times; at += 1) allowed.push((await take(client))?.allowed);
  return allowed;
};

describe('the limit of a client', () => {
  it('allows a burst, and reports the calls left and the seconds until one more', async () => {
    const standing = { allowed: true, limit: BURST, window_seconds: 100, reset_seconds: 20 };
    expect(await take()).toEqual({ ...standing, remaining: 4 });
    expect(await takeMany(4)).toEqual([true, true, true, true]);
    expect(await take()).toEqual({ ...standing, allowed: false, remaining: 0 });
    await pass(15_000);
    expect(await take()).toEqual({ ...standing, allowed: false, remaining: 0, reset_seconds: 5 });
  });

  it('allows the next call exactly when it reported, not a second earlier', async () => {
    await takeMany(BURST + 1);
    await pass(INTERVAL_MS - 1_000);
    expect(await takeMany(1)).toEqual([false]);
    await pass(1_000);
    expect(await takeMany(2)).toEqual([true, false]);
  });

  it('is exact for any arrival times, in burst and rate', async () => {
    // Whole seconds: the milliseconds that the test itself takes change no answer.
    const gap = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 400 }));
    await fc.assert(
      fc.asyncProperty(fc.array(gap, { minLength: 1, maxLength: 40 }), async (gaps) => {
        now += 3_600_000;
        await emptyRedis();
        const allowedAt: number[] = [];
        let clock = 0;
        let paidAt = 0;
        for (const seconds of gaps) {
          clock += seconds * 1_000;
          await pass(seconds * 1_000);
          const debtMs = Math.max(paidAt - clock, 0) + INTERVAL_MS;
          const isAllowed = debtMs <= BURST * INTERVAL_MS;
          expect(await takeMany(1)).toEqual([isAllowed]);
          if (!isAllowed) continue;
          paidAt = clock + debtMs;
          allowedAt.push(clock);
        }
        for (const [first, from] of allowedAt.entries()) {
          for (const [later, to] of allowedAt.slice(first).entries()) {
            expect(later + 1).toBeLessThanOrEqual(BURST + (to - from) / INTERVAL_MS);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is separate for each function and each client', async () => {
    await takeMany(BURST + 1);
    expect(await take('203.0.113.8')).toMatchObject({ allowed: true });
    expect(await take('203.0.113.7', 'g')).toMatchObject({ allowed: true });
  });

  it('is the rate of the route if it has one, unless all limits are switched off', async () => {
    await takeMany(BURST + 1);
    const own = { perMinute: 6, burst: 1 };
    const takeOwn = () => takeCall('GET /f', '203.0.113.7', own, now);
    expect(await takeOwn()).toMatchObject({ allowed: true, limit: 1, window_seconds: 10, reset_seconds: 10 });
    expect(await takeOwn()).toMatchObject({ allowed: false });
    overrideLimit({ perMinute: 0 });
    expect(takeOwn()).toBeUndefined();
    overrideLimit({ perMinute: 1_000 });
    expect(await takeOwn()).toMatchObject({ allowed: false, limit: 1 });
    overrideLimit(undefined);
  });

  it('is exact for concurrent calls', async () => {
    const taken = await Promise.all(Array.from({ length: 100 }, () => take()));
    expect(taken.filter((standing) => standing?.allowed)).toHaveLength(BURST);
  });

  it('refuses a client over its limit without asking Redis, until one more call is allowed', async () => {
    await takeMany(BURST + 1);
    const before = wire.trips();
    now += INTERVAL_MS - 1_000;
    expect(take()).toMatchObject({ allowed: false, remaining: 0, reset_seconds: 1 });
    expect(wire.trips()).toBe(before);
  });

  it('forgets refused clients when the clock is set back', async () => {
    await takeMany(BURST + 1);
    now -= 1_000_000;
    await command('DEL', KEY);
    expect(await take()).toMatchObject({ allowed: true });
    now += 1_000_000;
  });

  it.each([
    ['that never expires', 'PERSIST'],
    ['from before the clock of Redis was set back', 'PEXPIRE', 86_400_000],
  ])('replaces a record %s', async (_what, name, ...args) => {
    await takeMany(BURST + 1);
    await command(name, KEY, ...args);
    now += INTERVAL_MS;
    expect(await take()).toMatchObject({ allowed: true, remaining: 4 });
    expect(await command('PTTL', KEY)).toBeLessThanOrEqual(200_000);
  });

  it('costs Redis memory only until the limit is full again, and a little longer', async () => {
    await take();
    const left = Number(await command('PTTL', KEY));
    expect([left > 100_000, left <= 200_000]).toEqual([true, true]);
  });

  it.skipIf(isCluster)('is off while Redis is away, and asks Redis again after a second', async () => {
    wire.resetOn('request');
    expect(await takeMany(BURST * 2)).toEqual(Array(BURST * 2).fill(undefined));
    expect(take()).toBeUndefined();
    wire.resetOn('never');
    now += 1_000;
    expect(await take()).toMatchObject({ allowed: true });
  });
});

describe('a client in a key', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::6', '2001:db8:1:2'],
    ['2001:0db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('%s becomes %s', (address, expected) => {
    expect(clientKey(address)).toBe(expected);
  });

  it('is short and harmless, whatever the header contains', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: codeUnit }), fc.ipV4(), fc.ipV6()), (client) => {
        expect(clientKey(client)).toMatch(/^[\w.:-]{1,43}$/);
      }),
    );
  });

  it('cannot reach any other key', async () => {
    await take('}{x:*\r\nDEL a');
    expect(await allKeys()).toEqual([expect.stringMatching(/^limit:f:3-5:[\w-]{43}$/)]);
  });
});

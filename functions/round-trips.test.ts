import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyRedis, isServed, type Served, startServe } from '../scripts/testing/served.ts';
import { startProxy, type TcpProxy } from '../scripts/testing/tcp-proxy.ts';
import { type FeedServer, startFeed } from '../scripts/testing/test-feed.ts';
import { applyCommands } from '../shared/domain/control/commands.ts';
import { countCall, storeCalls } from '../shared/domain/counters/calls.ts';
import { takeCall } from '../shared/domain/limiter.ts';
import { closeRedis, redis } from '../shared/redis/index.ts';
import { manifest } from './manifest.ts';

const LIMIT = 20;
/** Limits every function. The simplest reads belong to private ones, which have no limit. */
const limited = manifest.map((each) => ({ ...each, limited: true }));

/** The clock that decides when counts are stored. It stands still, so they stay in memory. */
let nowMs = 0;
const count = (functionName: string) => countCall(functionName, nowMs);
/** Advances the clock, so every call stores the counts and looks for commands. */
const countAndLook = async (functionName: string) => {
  nowMs += 60_000;
  await Promise.all([count(functionName), applyCommands(nowMs)]);
};

let wire: TcpProxy;
let served: Served;
let open: Served;
let looking: Served;
let feed: FeedServer;
beforeAll(async () => {
  wire = await startProxy(process.env.REDIS_URL ?? '');
  process.env.REDIS_URL = wire.url;
  process.env.RATE_LIMIT_PER_MINUTE = '1';
  process.env.RATE_LIMIT_BURST = String(LIMIT);
  feed = await startFeed();
  process.env.SENTICRYPT_URL = feed.url;
  served = await startServe(manifest, { count, limit: takeCall });
  open = await startServe(limited, { count, limit: takeCall });
  looking = await startServe(limited, { count: countAndLook, limit: takeCall });
  // If another test file had left an item 1, POST would need a second round trip to find out why it failed.
  await emptyRedis();
  await closeRedis();
});
afterAll(async () => {
  await looking.stop();
  await open.stop();
  await served.stop();
  await feed.stop();
  await wire.stop();
});

const tripsOf = async (run: () => Promise<unknown>) => {
  const before = wire.trips();
  await run();
  return wire.trips() - before;
};

const user = { name: 'A', email: 'a@example.com', age: 1, city: 'B', height: 0, weight: 0 };
const keys = Array.from({ length: 100 }, (_, at) => `k${at}`);
const entries = keys.map((key) => ({ key, value: 1 }));
const requests: readonly [method: string, path: string, body?: unknown][] = [
  ['GET', '/users/1'],
  ['PUT', '/users/1', user],
  ['DELETE', '/users/1'],
  ['POST', '/counters/n', { by: 1 }],
  ['GET', '/counters/n'],
  ['POST', '/items/1', { name: 'Tea', price: 1 }],
  ['PUT', '/cache/k', { value: 1, ttl_seconds: 60 }],
  ['GET', '/cache/k'],
  ['POST', '/cache/k/increment', { by: 1 }],
  ['POST', '/cache/batch/set', { entries, ttl_seconds: 60 }],
  ['POST', '/cache/batch/get', { keys }],
  ['POST', '/cache/batch/delete', { keys }],
];

describe('round trips to Redis', () => {
  it('are one for the first request that counts, limits and looks for commands, plus those of any connection', async () => {
    const dial = (await tripsOf(() => redis((client) => client.ping()))) - 1;
    await closeRedis();
    expect(await tripsOf(() => looking.call('GET', '/users/1'))).toBe(dial + 1);
  });

  it.each(requests.filter(([method, path]) => isServed(manifest, method, path)))(
    'are one for %s %s',
    async (method, path, body) => {
      await count('anything');
      expect(await tripsOf(() => served.call(method, path, { body }))).toBe(1);
    },
  );

  it('are four for a refresh, plus one to store the samples', async () => {
    const refreshing = await startServe(manifest.filter(({ name }) => name === 'refresh'));
    const refresh = async () => expect(await refreshing.call('POST', '/refresh')).toMatchObject({ status: 200 });
    await refresh();
    expect(await tripsOf(refresh)).toBe(4 + 1);
    await refreshing.stop();
  });

  it.each(requests.filter(([method, path]) => method === 'GET' && isServed(manifest, method, path)))(
    'are one for %s %s that counts, limits and looks for commands',
    async (method, path) => {
      await storeCalls();
      expect(await tripsOf(() => looking.call(method, path))).toBe(1);
    },
  );

  it('are none for a client that is already known to be over its limit', async () => {
    for (let at = 0; at <= LIMIT; at += 1) await open.call('GET', '/users/1');
    let status = 0;
    const trips = await tripsOf(async () => {
      ({ status } = await open.call('GET', '/users/1'));
    });
    expect([status, trips]).toEqual([429, 0]);
  });
});

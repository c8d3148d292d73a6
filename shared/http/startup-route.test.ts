import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ScriptedRedis, silence, startScriptedRedis } from '../../scripts/testing/scripted-redis.ts';
import type { Served } from '../../scripts/testing/served.ts';

let redis: ScriptedRedis;
let served: Served;

/** A fresh process whose Redis is this one. `patienceMs` bounds a dial, and an operation. */
const start = async (patienceMs: number) => {
  vi.resetModules();
  vi.stubEnv('REDIS_URL', `redis://127.0.0.1:${redis.port}`);
  vi.stubEnv('REDIS_CONNECT_TIMEOUT_MS', String(patienceMs));
  vi.stubEnv('REDIS_TIMEOUT_MS', String(patienceMs));
  const { startServe } = await import('../../scripts/testing/served.ts');
  served = await startServe([]);
};

beforeEach(async () => {
  redis = await startScriptedRedis();
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(async () => {
  await served.stop();
  await redis.stop().catch(() => {});
  vi.useRealTimers();
});

const startup = async () => (await served.call('GET', '/startup')).status;

/** Asks as often as Cloud Run does. */
const probe = async () => {
  for (let tries = 1; tries < 75; tries += 1) if ((await startup()) === 200) return 200;
  return startup();
};

describe('GET /startup', () => {
  it('starts when Redis answers', async () => {
    await start(5_000);
    expect(await startup()).toBe(200);
  });

  it('waits while nothing comes back, and starts when the path opens', async () => {
    await start(100);
    redis.react(() => silence);
    expect([await startup(), await startup()]).toEqual([503, 503]);
    redis.react(() => undefined);
    expect(await probe()).toBe(200);
  });

  it('starts when Redis is down: a refused connection proves the path', async () => {
    await start(5_000);
    await redis.stop();
    expect(await startup()).toBe(200);
  });

  it.each(['LOADING Redis is loading the dataset in memory', 'NOAUTH Authentication required.'])(
    'starts when Redis refuses: %s',
    async (refusal) => {
      await start(5_000);
      redis.react(() => `-${refusal}\r\n`);
      expect(await startup()).toBe(200);
    },
  );

  it('starts after two minutes of silence, so that an outage of Redis keeps no instance from starting', async () => {
    await start(100);
    redis.react(() => silence);
    vi.advanceTimersByTime(119_000);
    expect(await startup()).toBe(503);
    vi.advanceTimersByTime(1_000);
    expect(await startup()).toBe(200);
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../../local/framework-process.ts';
import { outcomeOf, send, underLoad } from './fault-load.ts';
import { type Cluster, startCluster } from './redis-cluster.ts';

const CLIENTS = 40;
const MAX_EXCESS_MS = 1_500;
const RECOVERY_MS = 2_000;
/** A replica takes over within three node timeouts of 600 ms and half a second of voting. */
const FAILOVER_MS = 2_500;

let cluster: Cluster;
let api: FrameworkProcess;

beforeAll(async () => {
  cluster = await startCluster();
  const env = { REDIS_URL: cluster.nodes[0]?.url, REDIS_CLUSTER: 'true', RATE_LIMIT_PER_MINUTE: '0' };
  api = await startFramework('api', { env });
});
afterAll(async () => {
  await api.stop('SIGKILL');
  await cluster.stop();
});

const stored = async (name: string): Promise<number> => {
  const { status, body } = await send(`${api.url}/counters/${name}`);
  return status === 200 ? JSON.parse(body).value : 0;
};

let loads = 0;

/** Runs `fault` under load, and checks that every call got an expected answer in time. */
const endure = async (fault: () => Promise<void>, settleMs = RECOVERY_MS) => {
  loads += 1;
  let endedAt = 0;
  const options = { urls: () => [api.url], clients: CLIENTS, prefix: `shards-${loads}` };
  const load = await underLoad(options, async (more) => {
    await more(500);
    await fault();
    endedAt = performance.now();
    await pause(settleMs);
  });
  const outcome = await outcomeOf(load, endedAt, stored);
  expect(outcome.unexpected).toEqual([]);
  expect(outcome.excessMs).toBeLessThan(MAX_EXCESS_MS);
  return outcome;
};

describe('a cluster', () => {
  it('keeps serving and loses nothing while slots in use move', async () => {
    const outcome = await endure(async () => {
      for (let round = 0; round < 64; round += 1) await cluster.moveSlotOf(`{counters:${round % 16}}`);
    }, 200);
    expect(outcome.lost).toBe(0);
    expect(outcome.servedShare).toBeGreaterThan(0.95);
  });

  it('serves the other shards when the configured primary is killed, and every shard after the failover', async () => {
    const outcome = await endure(async () => {
      await cluster.nodes[0]?.kill();
      await pause(FAILOVER_MS);
    });
    expect(outcome.recoveryMs).toBeLessThan(RECOVERY_MS);
    expect(outcome.servedShare).toBeGreaterThan(0.8);
  });

  it('serves the other shards when a primary hangs, and every shard after the failover', async () => {
    const victim = await cluster.primaryOf('{counters:3}');
    const outcome = await endure(async () => {
      victim.signal('SIGSTOP');
      await pause(FAILOVER_MS + 1_000);
    });
    victim.signal('SIGCONT');
    expect(outcome.recoveryMs).toBeLessThan(RECOVERY_MS);
  });

  it('serves a new process after these failovers', async () => {
    const running = cluster.nodes.find((node) => node.isRunning());
    const env = { REDIS_URL: running?.url, REDIS_CLUSTER: 'true' };
    const fresh = await startFramework('counters', { env });
    const readAll = async () => {
      const urls = Array.from({ length: 30 }, (_, at) => `${fresh.url}/counters/shards-1-${at}`);
      const answers = await Promise.all(urls.map((url) => send(url)));
      return answers.filter(({ status }) => status === 200).length;
    };
    await expect.poll(readAll, { timeout: RECOVERY_MS }).toBe(30);
    await fresh.stop();
  });
});

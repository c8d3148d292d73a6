import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../../local/framework-process.ts';
import { send, underLoad } from './fault-load.ts';
import { report, rowOf } from './fault-table.ts';
import { type Cluster, startCluster } from './redis-cluster.ts';

const CLIENTS = 40;
const LONGEST_MS = 1_500;
const NORMAL_MS = 2_000;
/** A replica takes over within three times the nodes' timeout of 600 ms, and half a second of voting. */
const FAILOVER_MS = 2_500;

let cluster: Cluster;
let api: FrameworkProcess;

beforeAll(async () => {
  cluster = await startCluster();
  const url = `redis://127.0.0.1:${cluster.nodes[0]?.port}`;
  api = await startFramework('api', { env: { REDIS_URL: url, REDIS_CLUSTER: 'true', RATE_LIMIT_PER_MINUTE: '0' } });
});
afterAll(async () => {
  await api.stop('SIGKILL');
  await cluster.stop();
  report('A cluster of three primaries and three replicas');
});

const stored = async (name: string): Promise<number> => {
  const { status, body } = await send(`${api.url}/counters/${name}`);
  return status === 200 ? JSON.parse(body).value : 0;
};

let number = 0;

const endure = async (fault: string, happen: () => Promise<void>, settleMs: number) => {
  number += 1;
  let endedAt = 0;
  const options = { urls: () => [api.url], clients: CLIENTS, prefix: `shards-${number}` };
  const load = await underLoad(options, async ({ more }) => {
    await more(500);
    await happen();
    endedAt = performance.now();
    await pause(settleMs);
  });
  const row = await rowOf(fault, load, endedAt, stored);
  expect(row.as_promised).toBe(row.sent);
  expect(load.longestMs()).toBeLessThan(LONGEST_MS);
  return row;
};

describe('a cluster', () => {
  it('whose slots move while they are used serves on, and loses nothing', async () => {
    const row = await endure(
      'slots moving',
      async () => {
        for (let round = 0; round < 64; round += 1) await cluster.moveSlotOf(`{counters:${round % 16}}`);
      },
      200,
    );
    expect(row.lost).toBe(0);
    expect(row.served / row.sent).toBeGreaterThan(0.95);
  });

  it('whose primary is killed, the configured address, serves the other shards, and all of them after the failover', async () => {
    const row = await endure(
      'a primary killed, which was the seed',
      async () => {
        await cluster.nodes[0]?.kill();
        await pause(FAILOVER_MS);
      },
      NORMAL_MS,
    );
    expect(row.normal_ms).toBeLessThan(NORMAL_MS);
    expect(row.served / row.sent).toBeGreaterThan(0.8);
  });

  it('whose primary stands still serves the other shards, and all of them after the failover', async () => {
    const victim = await cluster.primaryOf('{counters:3}');
    const row = await endure(
      'a primary stopped',
      async () => {
        victim.signal('SIGSTOP');
        await pause(FAILOVER_MS + 1_000);
      },
      NORMAL_MS,
    );
    victim.signal('SIGCONT');
    expect(row.normal_ms).toBeLessThan(NORMAL_MS);
  });

  it('that was half away starts a new process all the same', async () => {
    const running = cluster.nodes.find((node) => node.isRunning());
    const env = { REDIS_URL: `redis://127.0.0.1:${running?.port}`, REDIS_CLUSTER: 'true' };
    const fresh = await startFramework('counters', { env });
    const readAll = async () => {
      const urls = Array.from({ length: 30 }, (_, at) => `${fresh.url}/counters/shards-1-${at}`);
      const answers = await Promise.all(urls.map((url) => send(url)));
      return answers.filter(({ status }) => status === 200).length;
    };
    await expect.poll(readAll, { timeout: NORMAL_MS }).toBe(30);
    await fresh.stop();
  });
});

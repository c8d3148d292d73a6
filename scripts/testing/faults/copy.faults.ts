import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../shared/config/config.ts';
import { copyStore } from '../../copy/copy-store.ts';
import { openStore, type Store } from '../../copy/store.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';
import { type Cluster, startCluster } from './redis-cluster.ts';

const KEYS = 5_000;

let first: RedisServer;
let last: RedisServer;
let cluster: Cluster;
let stores: Store[] = [];
beforeAll(async () => {
  [first, last, cluster] = await Promise.all([startRedis(), startRedis(), startCluster()]);
  const urls = [first.url, cluster.nodes[0]?.url ?? '', last.url];
  const settings = urls.map((url) => readConfig({ REDIS_URL: url, REDIS_CONNECT_TIMEOUT_MS: '10000' }).redis);
  stores = await Promise.all(settings.map(openStore));
});
afterAll(async () => {
  for (const store of stores) store.close();
  await Promise.all([first.stop(), last.stop(), cluster.stop()]);
});

const set = (store: Store, at: number, value: string) => {
  const key = Buffer.from(`key:${at}`);
  return store.send(key, ['SET', key, value]);
};

/** Overwrites old keys and adds new ones until stopped. */
const startWriter = (store: Store) => {
  let isOn = true;
  const writing = (async () => {
    for (let at = 0; isOn; at += 1) {
      await set(store, (at * 37) % (2 * KEYS), `new ${at}`);
      await yieldToOthers();
    }
  })();
  return async () => {
    isOn = false;
    await writing;
  };
};

const copy = (from: Store, to: Store, deleteOthers: boolean) => copyStore({ from, to, deleteOthers });

describe('a copy during writes, repeated after the writes have stopped', () => {
  it.each([
    ['one node to a cluster', 0, 1],
    ['a cluster to one node', 1, 2],
  ])('makes the keys and values equal: %s', async (_, a, b) => {
    const [from, to] = [stores[a], stores[b]];
    if (from === undefined || to === undefined) throw new Error('beforeAll did not open both stores.');
    await Promise.all(Array.from({ length: KEYS }, (_each, at) => set(from, at, `old ${at}`)));
    const stop = startWriter(from);
    expect((await copy(from, to, false)).copied).toBeGreaterThanOrEqual(KEYS);
    await stop();
    const done = await copy(from, to, true);
    expect(done).toMatchObject({ copied: done.inSource, inTarget: done.inSource, copiedAgain: 0, differing: 0 });
  });
});

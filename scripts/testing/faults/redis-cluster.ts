import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../local/free-port.ts';
import { ADMIN } from '../../local/redis-configuration.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';

/** A Redis Cluster on loopback: the primaries first, then a replica of each, in the same order. */
export interface Cluster {
  readonly nodes: readonly RedisServer[];
  /** Moves the slot of `key`, with all that is in it, to the primary after its own. */
  readonly moveSlotOf: (key: string) => Promise<void>;
  /** The primary that has `key` now. */
  readonly primaryOf: (key: string) => Promise<RedisServer>;
  readonly stop: () => Promise<void>;
}

const PRIMARIES = 3;
const SLOTS = 16_384;

/** A node's timeout; a replica takes over about twice as long after its primary died. */
const NODE_TIMEOUT_MS = 600;

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await pause(20);
};

const busOf = async (node: RedisServer): Promise<string> => {
  const reply = await node.admin('CONFIG', 'GET', 'cluster-port');
  return String(Array.isArray(reply) ? reply[1] : undefined);
};

const infoOf = async (node: RedisServer): Promise<string> => String(await node.admin('CLUSTER', 'INFO'));

const epochOf = async (node: RedisServer): Promise<string | undefined> =>
  /cluster_current_epoch:(\d+)/.exec(await infoOf(node))?.[1];

const idOf = async (node: RedisServer): Promise<string> => String(await node.admin('CLUSTER', 'MYID'));

/** Three primaries and three replicas, ready. */
export const startCluster = async (): Promise<Cluster> => {
  const adminPassword = randomBytes(16).toString('hex');
  const start = async () => {
    const config = {
      'cluster-enabled': 'yes',
      'cluster-node-timeout': NODE_TIMEOUT_MS,
      // A port and 10,000, as usual, may be above the last.
      'cluster-port': await freePort(),
      'cluster-require-full-coverage': 'no',
      'repl-diskless-sync': 'yes',
      'repl-diskless-load': 'on-empty-db',
    };
    return startRedis({ config, adminPassword });
  };
  const nodes = await Promise.all(Array.from({ length: 2 * PRIMARIES }, start));
  const [first] = nodes;
  if (first === undefined) throw new Error('no node');
  // Nodes that all begin in epoch 0 agree on an order only after they meet, while slots may move already.
  for (const [at, node] of nodes.entries()) await node.admin('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1));
  for (const node of nodes.slice(1))
    await node.admin('CLUSTER', 'MEET', '127.0.0.1', String(first.port), String(await busOf(first)));
  const primaries = nodes.slice(0, PRIMARIES);
  const share = Math.ceil(SLOTS / PRIMARIES);
  for (const [at, node] of primaries.entries()) {
    const last = Math.min((at + 1) * share, SLOTS) - 1;
    await node.admin('CLUSTER', 'ADDSLOTSRANGE', String(at * share), String(last));
  }
  await until(async () =>
    (await Promise.all(nodes.map(infoOf))).every((info) => info.includes('cluster_known_nodes:6')),
  );
  for (const [at, primary] of primaries.entries()) {
    const id = await idOf(primary);
    const replica = nodes[PRIMARIES + at];
    await until(async () => {
      try {
        return (await replica?.admin('CLUSTER', 'REPLICATE', id)) === 'OK';
      } catch {
        return false;
      }
    });
  }
  await until(async () => (await Promise.all(nodes.map(infoOf))).every((info) => info.includes('cluster_state:ok')));
  await until(async () => {
    const links = await Promise.all(nodes.slice(PRIMARIES).map((node) => node.admin('INFO', 'replication')));
    return links.every((link) => String(link).includes('master_link_status:up'));
  });

  const slotOf = async (key: string): Promise<string> => {
    const alive = nodes.find((node) => node.isRunning());
    return String(await alive?.admin('CLUSTER', 'KEYSLOT', key));
  };
  /** The id of the node that has `slot`, as `node` sees it. */
  const ownerSeenBy = async (node: RedisServer, slot: string): Promise<string | undefined> => {
    const isWithin = (range: string) => {
      const [from = -1, to = from] = range.split('-').map(Number);
      return from <= Number(slot) && Number(slot) <= to;
    };
    const table = String(await node.admin('CLUSTER', 'NODES')).split('\n');
    return table.map((line) => line.split(' ')).find((fields) => fields.slice(8).some(isWithin))?.[0];
  };
  const primaryOf = async (key: string): Promise<RedisServer> => {
    const slot = await slotOf(key);
    for (const node of nodes.filter((each) => each.isRunning())) {
      if ((await ownerSeenBy(node, slot)) === (await idOf(node))) return node;
    }
    throw new Error(`no node has slot ${slot}`);
  };
  /**
   * All see `owner` as the one that has `slot`, in one and the same epoch. A move that begins before may choose an
   * epoch that another node has too, and of two that collide the slot can end without an owner.
   */
  const isSettled = async (slot: string, owner: string): Promise<boolean> => {
    const owners = await Promise.all(nodes.map((node) => ownerSeenBy(node, slot)));
    const epochs = await Promise.all(nodes.map(epochOf));
    return owners.every((seen) => seen === owner) && new Set(epochs).size === 1;
  };
  return {
    nodes,
    primaryOf,
    moveSlotOf: async (key) => {
      const slot = await slotOf(key);
      const source = await primaryOf(key);
      const target = primaries[(primaries.indexOf(source) + 1) % PRIMARIES];
      if (target === undefined) throw new Error('no target');
      const [sourceId, targetId] = [await idOf(source), await idOf(target)];
      await target.admin('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId);
      await source.admin('CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId);
      for (;;) {
        const keys = await source.admin('CLUSTER', 'GETKEYSINSLOT', slot, '10');
        if (!Array.isArray(keys) || keys.length === 0) break;
        for (const each of keys) {
          await source.admin(
            'MIGRATE',
            '127.0.0.1',
            String(target.port),
            String(each),
            0,
            1_000,
            'AUTH2',
            ADMIN,
            adminPassword,
          );
        }
      }
      for (const node of [target, source]) await node.admin('CLUSTER', 'SETSLOT', slot, 'NODE', targetId);
      await until(() => isSettled(slot, targetId));
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
};

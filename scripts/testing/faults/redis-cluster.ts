import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../local/free-port.ts';
import { ADMIN } from '../../local/redis-configuration.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';

const PRIMARIES = 3;
const SLOTS = 16_384;

const CONFIG = {
  'cluster-enabled': 'yes',
  // A replica takes over about two timeouts after its primary died.
  'cluster-node-timeout': 600,
  'cluster-require-full-coverage': 'no',
  'repl-diskless-sync': 'yes',
  'repl-diskless-load': 'on-empty-db',
};

const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
  while (!(await isTrue())) await pause(20);
};

const ask = async ({ admin }: RedisServer, ...command: readonly string[]) => String(await admin(...command));
const idOf = (node: RedisServer) => ask(node, 'CLUSTER', 'MYID');

/** Waits until every node's reply to a command contains `text`. */
const allReply = (nodes: readonly RedisServer[], text: string, ...command: readonly string[]) =>
  until(async () => {
    const replies = await Promise.all(nodes.map((node) => ask(node, ...command)));
    return replies.every((reply) => reply.includes(text));
  });

/** The port of the node that owns `key`, according to `node`, which redirects a command that is not its own. */
const ownerPort = async (node: RedisServer, key: string): Promise<number> => {
  const redirect = await node.admin('EXISTS', key).then(() => '', String);
  return redirect === '' ? node.port : Number(/MOVED \d+ .*:(\d+)/.exec(redirect)?.[1]);
};

const epochOf = async (node: RedisServer) => /current_epoch:(\d+)/.exec(await ask(node, 'CLUSTER', 'INFO'))?.[1];

/** Starts a Redis Cluster on 127.0.0.1 and waits until it is ready. `nodes` has three primaries, then their replicas. */
export const startCluster = async () => {
  const adminPassword = randomBytes(16).toString('hex');
  // The default cluster port is the port plus 10,000, which may exceed 65,535.
  const ports = await Promise.all(Array.from({ length: 2 * PRIMARIES }, freePort));
  const nodes = await Promise.all(
    ports.map((port) => startRedis({ config: { ...CONFIG, 'cluster-port': port }, adminPassword })),
  );
  const primaries = nodes.slice(0, PRIMARIES);
  const replicas = nodes.slice(PRIMARIES);
  // Without distinct epochs, nodes settle their order only after they meet, when slots may already be moving.
  for (const [at, node] of nodes.entries()) await node.admin('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
  for (const [at, node] of nodes.entries()) {
    if (at > 0) await primaries[0]?.admin('CLUSTER', 'MEET', '127.0.0.1', node.port, ports[at] ?? 0);
  }
  const share = Math.ceil(SLOTS / PRIMARIES);
  for (const [at, node] of primaries.entries()) {
    await node.admin('CLUSTER', 'ADDSLOTSRANGE', at * share, Math.min((at + 1) * share, SLOTS) - 1);
  }
  await allReply(nodes, 'cluster_known_nodes:6', 'CLUSTER', 'INFO');
  for (const [at, primary] of primaries.entries()) {
    const id = await idOf(primary);
    const replicate = () => replicas[at]?.admin('CLUSTER', 'REPLICATE', id).catch(() => undefined);
    await until(async () => (await replicate()) === 'OK');
  }
  await allReply(nodes, 'cluster_state:ok', 'CLUSTER', 'INFO');
  await allReply(replicas, 'master_link_status:up', 'INFO', 'replication');

  /** The primary that owns `key` now. */
  const primaryOf = async (key: string): Promise<RedisServer> => {
    for (const node of nodes) if (node.isRunning() && (await ownerPort(node, key)) === node.port) return node;
    throw new Error(`No running node owns ${key}.`);
  };
  /**
   * Whether all nodes agree on the owner of `key` and on the epoch. If the next move began earlier, two nodes could
   * pick the same epoch, and that collision can leave a slot without an owner.
   */
  const isSettled = async (key: string, owner: RedisServer): Promise<boolean> => {
    const owners = await Promise.all(nodes.map((node) => ownerPort(node, key)));
    const epochs = await Promise.all(nodes.map(epochOf));
    return owners.every((port) => port === owner.port) && new Set(epochs).size === 1;
  };
  return {
    nodes,
    primaryOf,
    /** Moves the slot of `key` and its keys to the next primary. */
    moveSlotOf: async (key: string): Promise<void> => {
      const source = await primaryOf(key);
      const target = primaries[(primaries.indexOf(source) + 1) % PRIMARIES];
      if (target === undefined) throw new Error('The cluster has no other primary.');
      const slot = await ask(source, 'CLUSTER', 'KEYSLOT', key);
      const [sourceId, targetId] = [await idOf(source), await idOf(target)];
      await target.admin('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId);
      await source.admin('CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId);
      const signIn = ['AUTH2', ADMIN, adminPassword];
      for (;;) {
        const keys = await source.admin('CLUSTER', 'GETKEYSINSLOT', slot, 10);
        if (!Array.isArray(keys) || keys.length === 0) break;
        for (const each of keys) {
          await source.admin('MIGRATE', '127.0.0.1', target.port, String(each), 0, 1_000, ...signIn);
        }
      }
      for (const node of [target, source]) await node.admin('CLUSTER', 'SETSLOT', slot, 'NODE', targetId);
      await until(() => isSettled(key, target));
    },
    stop: async (): Promise<void> => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
};

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

import { createClient, createCluster, RESP_TYPES } from 'redis';
import type { RedisSettings } from '../../shared/config/config.ts';
import { createCredentials } from '../../shared/redis/credentials.ts';
import { clientOptions, socketOptions } from '../../shared/redis/single-client.ts';

export type Word = string | Buffer;

/** One primary, for commands that concern a single node. */
export interface StoreNode {
  readonly address: string;
  readonly send: (words: readonly Word[]) => Promise<unknown>;
}

/** A Redis to copy from or to: one node or a cluster. Replies contain bytes, so that no value is changed by decoding. */
export interface Store {
  readonly address: string;
  /** Sends a command to the node that has `key`. */
  readonly send: (key: Buffer, words: readonly Word[]) => Promise<unknown>;
  readonly nodes: () => Promise<readonly StoreNode[]>;
  readonly close: () => void;
}

const bytes = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

const ATTEMPTS = 60;
const PAUSE_MS = 500;

/** Connects, and detects a cluster. @throws Error when Redis cannot be reached or rejects the password */
export const openStore = (settings: RedisSettings): Promise<Store> => {
  const { host, port, database } = settings;
  const address = `${host}:${port}${database === 0 ? '' : `/${database}`}`;
  return createCredentials(settings).dialWith(async (credentials) => {
    const options = { ...clientOptions(credentials), database, disableOfflineQueue: false };
    let isOpen = false;
    // A copy survives a short outage, but a server that was never reachable is an error at once.
    const reconnectStrategy = (attempt: number, cause?: Error) =>
      isOpen && attempt < ATTEMPTS ? PAUSE_MS : (cause ?? new Error(`${address} cannot be reached`));
    const socket = { ...socketOptions(settings, credentials), reconnectStrategy };

    const client = createClient({ ...options, socket });
    client.on('error', () => {});
    await client.connect();
    isOpen = true;
    const send = (words: readonly Word[]) => client.sendCommand([...words], bytes);
    if (!String(await send(['INFO', 'cluster'])).includes('cluster_enabled:1')) {
      return {
        address,
        send: (_, words) => send(words),
        nodes: async () => [{ address, send }],
        close: () => client.destroy(),
      };
    }
    client.destroy();
    const cluster = createCluster({ rootNodes: [{ socket }], defaults: { ...options, socket } });
    cluster.on('error', () => {});
    await cluster.connect();
    const toNode = async (master: (typeof cluster.masters)[number]): Promise<StoreNode> => {
      const node = await cluster.nodeClient(master);
      return { address: master.address, send: (words) => node.sendCommand([...words], bytes) };
    };
    return {
      address,
      send: (key, words) => cluster.sendCommand(key, false, [...words], bytes),
      nodes: () => Promise.all(cluster.masters.map(toNode)),
      close: () => cluster.destroy(),
    };
  });
};

import { createClient, createCluster, RESP_TYPES } from 'redis';
import type { RedisSettings } from '../../shared/config/config.ts';
import { createCredentials } from '../../shared/redis/credentials.ts';
import { clientOptions, socketOptions } from '../../shared/redis/single-client.ts';

export type Word = string | Buffer;

/** One primary, for commands that look at one node only. */
export interface StoreNode {
  readonly address: string;
  readonly send: (words: readonly Word[]) => Promise<unknown>;
}

/** A Redis to copy from or to, one node or a cluster. Replies hold bytes, so that every value passes unchanged. */
export interface Store {
  readonly address: string;
  /** Sends one command about `key` to the node that has it. */
  readonly send: (key: Buffer, words: readonly Word[]) => Promise<unknown>;
  readonly nodes: () => Promise<readonly StoreNode[]>;
  readonly close: () => void;
}

const bytes = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

type Socket = ReturnType<typeof socketOptions> & { readonly reconnectStrategy: (attempt: number) => number | Error };
type Options = ReturnType<typeof clientOptions> & { readonly database: number };

const openNode = async (options: Options, socket: Socket, address: string): Promise<Store> => {
  const client = createClient({ ...options, socket });
  client.on('error', () => {});
  await client.connect();
  const send = (words: readonly Word[]) => client.sendCommand([...words], bytes);
  return {
    address,
    send: (_, words) => send(words),
    nodes: async () => [{ address, send }],
    close: () => client.destroy(),
  };
};

const openCluster = async (options: Options, socket: Socket, address: string): Promise<Store> => {
  const client = createCluster({ rootNodes: [{ socket }], defaults: { ...options, socket } });
  client.on('error', () => {});
  await client.connect();
  const toNode = async (master: (typeof client.masters)[number]): Promise<StoreNode> => {
    const node = await client.nodeClient(master);
    return { address: master.address, send: (words) => node.sendCommand([...words], bytes) };
  };
  return {
    address,
    send: (key, words) => client.sendCommand(key, false, [...words], bytes),
    nodes: () => Promise.all(client.masters.map(toNode)),
    close: () => client.destroy(),
  };
};

const ATTEMPTS = 60;
const PAUSE_MS = 500;

/** Connects, and finds out whether it is a cluster. @throws Error when it cannot be reached or refuses the password */
export const openStore = (settings: RedisSettings): Promise<Store> => {
  const { host, port, database } = settings;
  const address = `${host}:${port}${database === 0 ? '' : `/${database}`}`;
  return createCredentials(settings).dialWith(async (credentials) => {
    const options = { ...clientOptions(credentials), database, disableOfflineQueue: false };
    let isOpen = false;
    // A copy waits for a server that is away for a moment; one that was never there is an error at once.
    const reconnectStrategy = (attempt: number, cause?: Error) =>
      isOpen && attempt < ATTEMPTS ? PAUSE_MS : (cause ?? new Error(`${address} cannot be reached`));
    const socket = { ...socketOptions(settings, credentials), reconnectStrategy };
    const single = await openNode(options, socket, address);
    isOpen = true;
    const [node] = await single.nodes();
    const info = String(await node?.send(['INFO', 'cluster']));
    if (!info.includes('cluster_enabled:1')) return single;
    single.close();
    return openCluster(options, socket, address);
  });
};

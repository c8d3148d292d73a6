import { createCluster } from 'redis';
import { config } from '../config/config.ts';
import { withCredentials } from './credentials.ts';
import {
  type Address,
  type Connection,
  clientOptions,
  closeOrDestroy,
  connectInTime,
  socketOptions,
} from './single-client.ts';

/** The primaries last seen: the configured address may be that of the very node that died. */
let known: readonly Address[] = [];

/** Where to ask for the topology: the configured address and every primary last seen. */
export const seeds = (): readonly Address[] => {
  const { host, port } = config().redis;
  return [{ host, port }, ...known.filter((node) => node.host !== host || node.port !== port)];
};

/** A lost node is dialled again at once, once; after that the topology may have changed, so it is read anew. */
const dialAgainOnce = (attempt: number) => (attempt === 0 ? 25 : false);

/**
 * Reads the topology from the first seed that answers. Nodes are dialled at first use, so that one that is down keeps
 * nobody from the others. Moved slots are followed; for the rest a new dial replaces this one.
 */
export const dialCluster = (): Promise<Connection> =>
  withCredentials(async (credentials) => {
    const options = clientOptions(credentials);
    // A silent seed must leave time to ask another one.
    const patienceMs = Math.ceil(config().redis.connectTimeoutMs / 3);
    const patience = { connectTimeout: patienceMs, socketTimeout: patienceMs };
    const client = createCluster({
      rootNodes: seeds().map((seed) => ({ socket: { ...socketOptions(credentials, seed), ...patience } })),
      defaults: { ...options, socket: { ...socketOptions(credentials), reconnectStrategy: dialAgainOnce } },
      commandOptions: options.commandOptions,
      minimizeConnections: true,
    });
    let fault: unknown;
    client.on('error', (error) => {
      fault = error;
    });
    // When no seed answers, the error says only that.
    await connectInTime(client).catch((error) => {
      throw fault ?? error;
    });
    const remember = () => {
      const seen = client.masters.map(({ host, port }) => ({ host, port }));
      if (seen.length > 0) known = seen;
    };
    remember();
    return {
      client,
      primaries: () => Promise.all(client.masters.map((node) => client.nodeClient(node))),
      close: async () => {
        remember();
        const nodes = client.masters.flatMap((node) => (node.client === undefined ? [] : [node.client]));
        await Promise.all(nodes.map(closeOrDestroy));
        client.destroy();
      },
    };
  });

import { createCluster } from 'redis';
import type { RedisSettings } from '../config/config.ts';
import type { CredentialSource } from './credentials.ts';
import { isCredentialRefused } from './errors.ts';
import {
  type Address,
  clientOptions,
  closeOrDestroy,
  connectInTime,
  type Dialer,
  socketOptions,
} from './single-client.ts';

/** Connects to a cluster. A message published on one node reaches all of them, so a subscriber may use any node. */
export const clusterDialer = (settings: RedisSettings, credentials: CredentialSource): Dialer => {
  const { host, port } = settings;
  /** The primaries seen last: the node at the configured address may be the one that died. */
  let known: readonly Address[] = [];

  const seeds = (): readonly Address[] => [
    { host, port },
    ...known.filter((node) => node.host !== host || node.port !== port),
  ];

  /** Connections to nodes are opened long after the topology was read, so each reads the credentials itself. */
  const credentialsProvider = {
    type: 'async-credentials-provider' as const,
    credentials: async () => {
      const { username, password } = await credentials.read();
      return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
    },
  };

  /**
   * Reconnects to a lost node once, at once. After that, or if nothing listens there, the topology may have changed, so a new
   * client reads it again.
   */
  const dialAgainOnce = (attempt: number, cause: Error) => {
    if (isCredentialRefused(cause)) credentials.refuse();
    const isGone = 'code' in cause && cause.code === 'ECONNREFUSED';
    return attempt === 0 && !isGone ? 25 : false;
  };

  /**
   * Reads the topology from the first seed that answers. Connects to each node at first use, so a node that is down does not
   * delay the others. node-redis follows moved slots; any other change of the topology needs a new client.
   */
  const dial = () =>
    credentials.dialWith(async (given) => {
      const options = { ...clientOptions({ username: undefined, password: undefined }), credentialsProvider };
      // A silent seed must leave time for another one.
      const patienceMs = Math.ceil(settings.connectTimeoutMs / 3);
      const patience = { connectTimeout: patienceMs, socketTimeout: patienceMs };
      const client = createCluster({
        rootNodes: seeds().map((seed) => ({ socket: { ...socketOptions(settings, given, seed), ...patience } })),
        defaults: { ...options, socket: { ...socketOptions(settings, given), reconnectStrategy: dialAgainOnce } },
        commandOptions: options.commandOptions,
        minimizeConnections: true,
      });
      let fault: unknown;
      client.on('error', (error) => {
        fault = error;
      });
      // If no seed answers, node-redis's own error does not say why.
      await connectInTime(client, settings).catch((error) => {
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
          await Promise.all(nodes.map((node) => closeOrDestroy(node, settings)));
          client.destroy();
        },
      };
    });
  return { dial, subscriberAddresses: seeds };
};

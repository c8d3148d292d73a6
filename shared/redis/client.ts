import { createClient, createCluster } from 'redis';
import { config } from '../config.ts';
import { withDeadline } from '../deadline.ts';
import { type Credentials, readCredentials } from './credentials.ts';

/** The commands that the project uses, the same on one node and on a cluster. All of them are allowed on Memorystore. */
const COMMANDS = [
  'get',
  'mGet',
  'set',
  'del',
  'exists',
  'expire',
  'pTTL',
  'ttl',
  'incrBy',
  'evalSha',
  'eval',
  'hGet',
  'hGetAll',
  'hSetNX',
  'zRange',
  'zRem',
  'publish',
  'ping',
  'scan',
  'info',
] as const;

type SingleClient = ReturnType<typeof createSingle>;
export type Client = Pick<SingleClient, (typeof COMMANDS)[number]>;

/** A live connection (or a cluster's set of them) and how to end it. */
export interface Connection {
  readonly client: Client;
  /** The primaries, one by one: for commands that look at one node only, such as SCAN. */
  readonly primaries: () => Promise<readonly Client[]>;
  /** Sends what is waiting, then closes; at most for the time of one operation. */
  readonly close: () => Promise<void>;
  /** Ends the connection now; whatever waits on it fails. */
  readonly destroy: () => void;
}

/** Up to a second between two dials of a connection that mends itself. */
const backoff = (attempt: number) => Math.min(25 * 2 ** attempt, 1_000) + Math.floor(Math.random() * 25);

const socketOptions = ({ ca }: Credentials) => {
  const { host, port, tls, connectTimeoutMs } = config().redis;
  const address = { host, port, connectTimeout: connectTimeoutMs };
  return tls ? { ...address, tls: true as const, ...(ca !== undefined && { ca }) } : address;
};

/**
 * Memorystore refuses CLIENT, so the client sends no name and no library version. Its own command timeout covers only
 * commands not yet written and costs an AbortSignal each, so it is off: `redis()` bounds every operation itself.
 */
const clientOptions = ({ username, password }: Credentials) => ({
  ...(username !== undefined && { username }),
  ...(password !== undefined && { password }),
  disableClientInfo: true,
  disableOfflineQueue: true,
  maintNotifications: 'disabled' as const,
  commandOptions: { timeout: 0 },
});

const createSingle = (credentials: Credentials, reconnectStrategy: false | typeof backoff) =>
  createClient({
    ...clientOptions(credentials),
    database: config().redis.database,
    socket: { ...socketOptions(credentials), reconnectStrategy },
  });

/** Ends `client` within the time of one operation, even when its server is silent. */
const closeOrDestroy = async (client: { close(): Promise<unknown>; destroy(): void; isOpen: boolean }) => {
  try {
    await withDeadline(Promise.resolve(client.close()), config().redis.timeoutMs, 'closing Redis');
  } catch {
    if (client.isOpen) client.destroy();
  }
};

/** No reconnecting in the background: a frozen instance could not do it. A broken connection is replaced at next use. */
const dialSingle = async (credentials: Credentials, onBroken: () => void): Promise<Connection> => {
  const client = createSingle(credentials, false);
  client.on('error', onBroken);
  const destroy = () => {
    if (client.isOpen) client.destroy();
  };
  try {
    await withDeadline(client.connect(), config().redis.connectTimeoutMs, 'connecting to Redis');
  } catch (error) {
    destroy();
    throw error;
  }
  return { client, primaries: async () => [client], close: () => closeOrDestroy(client), destroy };
};

const dialCluster = async (credentials: Credentials): Promise<Connection> => {
  const socket = { ...socketOptions(credentials), reconnectStrategy: backoff, socketTimeout: 2_000 };
  const client = createCluster({
    rootNodes: [{ socket }],
    defaults: { ...clientOptions(credentials), pingInterval: 1_000, socket },
  });
  client.on('error', () => {});
  try {
    await withDeadline(client.connect(), config().redis.connectTimeoutMs, 'connecting to Redis');
  } catch (error) {
    client.destroy();
    throw error;
  }
  return {
    client,
    primaries: () => Promise.all(client.masters.map((node) => client.nodeClient(node))),
    close: () => closeOrDestroy(client),
    destroy: () => client.destroy(),
  };
};

/**
 * Dials Redis, once, within REDIS_CONNECT_TIMEOUT_MS.
 * @param onBroken called when the connection is lost later; a cluster mends its own connections and never calls it
 */
export const dial = async (onBroken: () => void): Promise<Connection> => {
  const credentials = await readCredentials();
  return config().redis.cluster ? dialCluster(credentials) : dialSingle(credentials, onBroken);
};

/** A connection for subscriptions alone, which dials again by itself and then subscribes again. */
export const dialSubscriber = async () => {
  const credentials = await readCredentials();
  const client = createClient({
    ...clientOptions(credentials),
    pingInterval: 1_000,
    socket: { ...socketOptions(credentials), reconnectStrategy: backoff, socketTimeout: 3_000 },
  });
  client.on('error', () => {});
  return client;
};

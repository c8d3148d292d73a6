import { createClient } from 'redis';
import { config } from '../config/config.ts';
import { withDeadline } from '../deadline.ts';
import { log } from '../log.ts';
import { type Credentials, withCredentials } from './credentials.ts';
import { verifyIdentity } from './tls.ts';

/**
 * The commands that the project uses, the same on one node and on a cluster. All of them are allowed on Memorystore.
 * The deployed files hold no others.
 */
export const COMMANDS = [
  'get',
  'getRange',
  'strLen',
  'set',
  'del',
  'pTTL',
  'evalSha',
  'eval',
  'hGet',
  'hGetAll',
  'zRange',
  'publish',
  'ping',
  'scan',
] as const;

type SingleClient = ReturnType<typeof createSingle>;
export type Client = Pick<SingleClient, (typeof COMMANDS)[number]>;

/** A live connection (or a cluster's set of them) and how to end it. */
export interface Connection {
  readonly client: Client;
  /** The primaries, one by one: for commands that look at one node only, such as SCAN. */
  readonly primaries: () => Promise<readonly Client[]>;
  /** Sends what is waiting and hears the answers, then closes; at most for the time of one operation. */
  readonly close: () => Promise<void>;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How to reach any node: where is said by `address`, or by the settings. */
export const socketOptions = ({ ca }: Credentials, address: Address = config().redis) => {
  const { host, port } = address;
  const { tls, connectTimeoutMs } = config().redis;
  const plain = { host, port, connectTimeout: connectTimeoutMs };
  if (!tls) return plain;
  return { ...plain, tls: true as const, checkServerIdentity: verifyIdentity, ...(ca !== undefined && { ca }) };
};

/**
 * Memorystore refuses CLIENT, so the client sends no name and no library version. Its own command timeout covers only
 * commands not yet written and costs an AbortSignal each, so it is off: `redis()` bounds every operation itself.
 */
export const clientOptions = ({ username, password }: Credentials) => {
  if (password !== undefined) log.hide(password);
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    disableClientInfo: true,
    disableOfflineQueue: true,
    maintNotifications: 'disabled' as const,
    commandOptions: { timeout: 0 },
  };
};

const createSingle = (credentials: Credentials) =>
  createClient({
    ...clientOptions(credentials),
    database: config().redis.database,
    socket: { ...socketOptions(credentials), reconnectStrategy: false },
  });

interface Closable {
  close(): Promise<unknown>;
  destroy(): void;
}

/** Ends `client` within the time of one operation, even when its server is silent. */
export const closeOrDestroy = async (client: Closable): Promise<void> => {
  try {
    await withDeadline(client.close(), config().redis.timeoutMs, 'closing Redis');
  } catch {
    client.destroy();
  }
};

/** Connects within REDIS_CONNECT_TIMEOUT_MS, or leaves nothing behind. */
export const connectInTime = async (client: { connect(): Promise<unknown>; destroy(): void }): Promise<void> => {
  const connecting = client.connect();
  try {
    await withDeadline(connecting, config().redis.connectTimeoutMs, 'connecting to Redis');
  } catch (error) {
    client.destroy();
    // A socket that was still on its way may arrive after that, and nobody would hold it.
    connecting.then(
      () => client.destroy(),
      () => {},
    );
    throw error;
  }
};

/** No reconnecting in the background: a frozen instance could not do it. A broken connection is replaced at next use. */
export const dialSingle = (onBroken: () => void): Promise<Connection> =>
  withCredentials(async (credentials) => {
    const client = createSingle(credentials);
    client.on('error', () => {
      onBroken();
      queueMicrotask(() => client.destroy());
    });
    await connectInTime(client);
    return { client, primaries: async () => [client], close: () => closeOrDestroy(client) };
  });

/**
 * A connection for subscriptions alone, to the node at `address`. Nobody waits for an answer on it, so it asks for
 * one itself, and a silent node is noticed within the second after.
 * @param onBroken called once, when it is lost
 */
export const dialSubscriber = (address: Address, onBroken: () => void) =>
  withCredentials(async (credentials) => {
    const client = createClient({
      ...clientOptions(credentials),
      pingInterval: 500,
      socket: { ...socketOptions(credentials, address), reconnectStrategy: false, socketTimeout: 1_500 },
    });
    let isConnected = false;
    client.on('error', () => {
      queueMicrotask(() => client.destroy());
      if (isConnected) onBroken();
      isConnected = false;
    });
    await connectInTime(client);
    isConnected = true;
    return client;
  });

import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { createClient } from 'redis';
import type { RedisSettings } from '../config/config.ts';
import { withDeadline } from '../timing.ts';
import type { CredentialSource, Credentials } from './credentials.ts';

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

/** @param onBroken called when the connection is lost and cannot serve any more */
export type Dial = (onBroken: () => void) => Promise<Connection>;

export interface Dialer {
  readonly dial: Dial;
  /** The nodes that a subscriber may dial, of which any will do. */
  readonly subscriberAddresses: () => readonly Address[];
}

/**
 * Verifies that a certificate is that of `host`. Memorystore is addressed by IP and names the IP as the certificate's
 * common name, which Node, by the rules of browsers, ignores for an IP: so a common name that is this very address
 * counts as well. Everything else is Node's own check.
 */
export const verifyIdentity = (host: string, certificate: PeerCertificate): Error | undefined => {
  const error = checkServerIdentity(host, certificate);
  return error !== undefined && isIP(host) !== 0 && certificate.subject?.CN === host ? undefined : error;
};

/** How to reach any node: the one at `address`, or that of the settings. */
export const socketOptions = (settings: RedisSettings, { ca }: Credentials, address: Address = settings) => {
  const plain = { host: address.host, port: address.port, connectTimeout: settings.connectTimeoutMs };
  if (!settings.tls) return plain;
  return { ...plain, tls: true as const, checkServerIdentity: verifyIdentity, ...(ca !== undefined && { ca }) };
};

/**
 * Memorystore refuses CLIENT, so the client sends no name and no library version. Its own command timeout covers only
 * commands not yet written and costs an AbortSignal each, so it is off: `redis()` bounds every operation itself.
 */
export const clientOptions = ({ username, password }: Pick<Credentials, 'username' | 'password'>) => ({
  ...(username !== undefined && { username }),
  ...(password !== undefined && { password }),
  disableClientInfo: true,
  disableOfflineQueue: true,
  maintNotifications: 'disabled' as const,
  commandOptions: { timeout: 0 },
});

const createSingle = (settings: RedisSettings, credentials: Credentials) =>
  createClient({
    ...clientOptions(credentials),
    database: settings.database,
    socket: { ...socketOptions(settings, credentials), reconnectStrategy: false },
  });

type Endable = Pick<SingleClient, 'destroy'> & { close(): Promise<unknown>; connect(): Promise<unknown> };

/** Ends `client` within the time of one operation, even when its server is silent. */
export const closeOrDestroy = async (client: Endable, { timeoutMs }: RedisSettings): Promise<void> => {
  try {
    await withDeadline(client.close(), timeoutMs, 'closing Redis');
  } catch {
    client.destroy();
  }
};

/** Connects within REDIS_CONNECT_TIMEOUT_MS, or leaves nothing behind. */
export const connectInTime = async (client: Endable, { connectTimeoutMs }: RedisSettings): Promise<void> => {
  const connecting = client.connect();
  try {
    await withDeadline(connecting, connectTimeoutMs, 'connecting to Redis');
  } catch (error) {
    client.destroy();
    // A socket that was still being opened may arrive after that, and would stay open.
    connecting.then(
      () => client.destroy(),
      () => {},
    );
    throw error;
  }
};

/** No reconnecting in the background: a frozen instance could not do it. A broken connection is replaced at next use. */
export const singleDialer = (settings: RedisSettings, credentials: CredentialSource): Dialer => {
  const dial: Dial = (onBroken) =>
    credentials.dialWith(async (given) => {
      const client = createSingle(settings, given);
      client.on('error', () => {
        onBroken();
        queueMicrotask(() => client.destroy());
      });
      await connectInTime(client, settings);
      return { client, primaries: async () => [client], close: () => closeOrDestroy(client, settings) };
    });
  return { dial, subscriberAddresses: () => [settings] };
};

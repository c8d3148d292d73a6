import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { createClient } from 'redis';
import type { RedisSettings } from '../config/config.ts';
import { withDeadline } from '../timing.ts';
import type { CredentialSource, Credentials } from './credentials.ts';

/**
 * The commands that the project uses, on one node and on a cluster. Memorystore allows all of them. The build leaves all
 * others out of the deployed files.
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

/** A live connection, or those of a cluster. */
export interface Connection {
  readonly client: Client;
  /** Each primary by itself, for commands that see one node only, such as SCAN. */
  readonly primaries: () => Promise<readonly Client[]>;
  /** Waits for pending commands, at most for the time of one operation, then closes. */
  readonly close: () => Promise<void>;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** @param onBroken called when the connection is lost */
export type Dial = (onBroken: () => void) => Promise<Connection>;

export interface Dialer {
  readonly dial: Dial;
  /** The nodes that a subscriber may connect to. */
  readonly subscriberAddresses: () => readonly Address[];
}

/**
 * Checks that a certificate belongs to `host`. Memorystore is reached by IP address, and its certificate has that address
 * as its common name. Node, like browsers, ignores the common name for an IP address, so this accepts it if it is exactly
 * that address. Everything else is Node's own check.
 */
export const verifyIdentity = (host: string, certificate: PeerCertificate): Error | undefined => {
  const error = checkServerIdentity(host, certificate);
  return error !== undefined && isIP(host) !== 0 && certificate.subject?.CN === host ? undefined : error;
};

/** The socket options for the node at `address`, or at the address in the settings. */
export const socketOptions = (settings: RedisSettings, { ca }: Credentials, address: Address = settings) => {
  const plain = { host: address.host, port: address.port, connectTimeout: settings.connectTimeoutMs };
  if (!settings.tls) return plain;
  return { ...plain, tls: true as const, checkServerIdentity: verifyIdentity, ...(ca !== undefined && { ca }) };
};

/**
 * Memorystore refuses CLIENT, so the client sends no name and no version. node-redis's own timeout covers only commands
 * that are not yet written and costs an AbortSignal each, so it is off: `redis()` sets a deadline for every operation.
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

/** Closes `client` within the time of one operation, even if its server is silent. */
export const closeOrDestroy = async (client: Endable, { timeoutMs }: RedisSettings): Promise<void> => {
  try {
    await withDeadline(client.close(), timeoutMs, 'closing Redis');
  } catch {
    client.destroy();
  }
};

/** Connects within REDIS_CONNECT_TIMEOUT_MS, or cleans up and throws. */
export const connectInTime = async (client: Endable, { connectTimeoutMs }: RedisSettings): Promise<void> => {
  const connecting = client.connect();
  try {
    await withDeadline(connecting, connectTimeoutMs, 'connecting to Redis');
  } catch (error) {
    client.destroy();
    // A socket that was still connecting would otherwise stay open.
    connecting.then(
      () => client.destroy(),
      () => {},
    );
    throw error;
  }
};

/** Never reconnects in the background, which a frozen instance could not do. A broken connection is replaced at its next use. */
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

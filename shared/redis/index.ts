import { setTimeout as pause } from 'node:timers/promises';
import { config } from '../config.ts';
import { DeadlineError, withDeadline } from '../deadline.ts';
import { log } from '../log.ts';
import { type Client, type Connection, dial } from './client.ts';
import { isConnectionLost, isConnectionSpent, isRedisUnavailable, toProblem } from './errors.ts';

export type { Client } from './client.ts';
export { runScript, type Script, script } from './script.ts';
export { closeSubscriptions, subscribe } from './subscribe.ts';

/** A VPC connector drops connections idle for 10 minutes without a word, and a frozen instance notices nothing. */
const TRUSTED_IDLE_MS = 30_000;
/** So long after a dial that failed the next one starts: a thousand waiting clients are twenty dials a second. */
const DIAL_PAUSE_MS = 50;

let live: Connection | undefined;
let lastUsedAt = 0;
let dialing: Promise<Connection> | undefined;
let dialAgainAt = 0;

const forget = (connection: Connection): void => {
  if (live === connection) live = undefined;
  connection.destroy();
};

const connect = async (): Promise<Connection> => {
  let connection: Connection | undefined;
  try {
    const waitMs = dialAgainAt - Date.now();
    if (waitMs > 0) await pause(waitMs);
    connection = await dial(() => {
      if (live === connection) live = undefined;
    });
    live = connection;
    lastUsedAt = Date.now();
    return connection;
  } catch (error) {
    dialAgainAt = Date.now() + DIAL_PAUSE_MS;
    log.warn('Redis cannot be reached', { cause: log.causesOf(new Error('dial', { cause: error }))[0] });
    throw error;
  } finally {
    dialing = undefined;
  }
};

/** The connection to use: the live one, after a PING when it was idle for long, else a new one that all callers share. */
const obtain = async (): Promise<Connection> => {
  const connection = live;
  if (connection === undefined) {
    dialing ??= connect();
    return withDeadline(dialing, config().redis.connectTimeoutMs + DIAL_PAUSE_MS, 'connecting to Redis');
  }
  try {
    await withDeadline(connection.client.ping(), Math.min(200, config().redis.timeoutMs), 'PING after a pause');
    lastUsedAt = Date.now();
    return connection;
  } catch {
    forget(connection);
    return obtain();
  }
};

const attempt = async <T>(operation: (client: Client, connection: Connection) => Promise<T>): Promise<T> => {
  const isFresh = live !== undefined && Date.now() - lastUsedAt < TRUSTED_IDLE_MS;
  const connection = isFresh && live !== undefined ? live : await obtain();
  try {
    const work = operation(connection.client, connection);
    const result = await withDeadline(work, config().redis.timeoutMs, 'an operation of Redis');
    lastUsedAt = Date.now();
    return result;
  } catch (error) {
    // A cluster's other nodes are well: it mends the one that is not by itself.
    if (!config().redis.cluster && isConnectionSpent(error)) forget(connection);
    throw error;
  }
};

interface Options {
  /** Run it once more when the connection broke under it: only for what may happen twice. */
  readonly retry?: boolean;
}

/**
 * Runs one operation on the instance's one Redis client, which is created at the first call. Commands that the
 * operation issues in one tick travel together. Bounded by REDIS_TIMEOUT_MS, and by REDIS_CONNECT_TIMEOUT_MS when it
 * must dial first; a write that failed may still have taken effect.
 * @throws Problem redis-unavailable when Redis is away, silent, full or not ready
 */
export const redis = async <T>(
  operation: (client: Client, connection: Pick<Connection, 'primaries'>) => Promise<T>,
  { retry = false }: Options = {},
): Promise<T> => {
  try {
    return await attempt(operation);
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
    if (!retry || !isConnectionLost(error)) throw toProblem(error);
  }
  try {
    return await attempt(operation);
  } catch (error) {
    throw isRedisUnavailable(error) ? toProblem(error) : error;
  }
};

/** Closes the client once what waits has been answered; the next operation dials anew. */
export const closeRedis = async (): Promise<void> => {
  const connection = live ?? (await dialing?.catch(() => undefined));
  live = undefined;
  await connection?.close();
};

export { DeadlineError };

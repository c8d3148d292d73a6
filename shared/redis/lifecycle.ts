import { setTimeout as pause } from 'node:timers/promises';
import { config } from '../config/config.ts';
import { withDeadline } from '../deadline.ts';
import { log } from '../log.ts';
import { dialCluster } from './cluster-client.ts';
import { type Connection, dialSingle } from './single-client.ts';

/** A VPC connector drops connections idle for 10 minutes without a word, and a frozen instance notices nothing. */
const TRUSTED_IDLE_MS = 5_000;
const PROBE_MS = 200;

/**
 * Dials that follow each other closely get rarer, whether they failed or what they reached was of no use: with many
 * instances a Redis that starts anew has better things to do. The longest pause leaves a waiting operation the time to
 * dial and to be answered.
 */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 300;
const CALM_MS = 2_000;

let live: Connection | undefined;
let usedAt = 0;
let dialing: Promise<Connection> | undefined;
let probing: Promise<Connection> | undefined;
let dialedAt = Number.NEGATIVE_INFINITY;
let pauseMs = FIRST_PAUSE_MS;

const awaitTurn = async (): Promise<void> => {
  const sinceMs = performance.now() - dialedAt;
  if (sinceMs > CALM_MS) pauseMs = FIRST_PAUSE_MS;
  const jitter = 0.75 + Math.random() / 2;
  if (sinceMs < pauseMs * jitter) await pause(pauseMs * jitter - sinceMs);
  pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
};

const connect = async (): Promise<Connection> => {
  try {
    await awaitTurn();
    let connection: Connection | undefined;
    const onBroken = () => {
      if (live === connection) live = undefined;
    };
    connection = await (config().redis.cluster ? dialCluster() : dialSingle(onBroken));
    const replaced = live;
    live = connection;
    usedAt = Date.now();
    replaced?.close().catch(() => {});
    return connection;
  } catch (error) {
    log.warn('Redis cannot be reached', { causes: log.causesOf(new Error('dial', { cause: error })) });
    throw error;
  } finally {
    dialedAt = performance.now();
    dialing = undefined;
  }
};

/** A new connection, which all callers share. */
const redial = (): Promise<Connection> => {
  dialing ??= connect();
  return dialing;
};

/** Sends no new operation to `connection`; those under way may still be answered. */
const retire = (connection: Connection): void => {
  if (live === connection) live = undefined;
  connection.close().catch(() => {});
};

const probe = async (connection: Connection): Promise<Connection> => {
  try {
    await withDeadline(connection.client.ping(), PROBE_MS, 'PING after a pause');
    usedAt = Date.now();
    return connection;
  } catch {
    retire(connection);
    return redial();
  } finally {
    probing = undefined;
  }
};

/** The connection to use, when no time needs to be spent on it. */
export const readyConnection = (): Connection | undefined =>
  live !== undefined && Date.now() - usedAt < TRUSTED_IDLE_MS ? live : undefined;

/** The connection to use: the live one, after a PING when it was idle, else a new one that all callers share. */
export const obtain = async (): Promise<Connection> => {
  if (live === undefined) return redial();
  probing ??= probe(live);
  return probing;
};

/** Redis has answered: the connection needs no PING for a while. */
export const noteUse = (): void => {
  usedAt = Date.now();
};

/**
 * `connection` failed an operation. One node's is not used again. A cluster's other nodes are well, so it serves on
 * until a new dial has read who took the place of the one that failed.
 */
export const noteFailure = (connection: Connection): void => {
  if (live !== connection) return;
  if (config().redis.cluster) redial().catch(() => {});
  else retire(connection);
};

/** The connection for a second try: after a failure only a new one can be better. */
export const obtainAnother = async (): Promise<Connection> => {
  const connection = await dialing?.catch(() => undefined);
  return connection ?? readyConnection() ?? obtain();
};

/** Closes the client once what waits has been answered; the next operation dials anew. */
export const closeRedis = async (): Promise<void> => {
  const connection = live ?? (await dialing?.catch(() => undefined));
  live = undefined;
  await connection?.close();
};

import { setTimeout as pause } from 'node:timers/promises';
import { log } from '../log.ts';
import { withDeadline } from '../timing.ts';
import type { Connection, Dial } from './single-client.ts';

/** A VPC connector silently drops a connection after 10 idle minutes, which a frozen instance cannot notice. */
const TRUSTED_IDLE_MS = 5_000;
const PROBE_MS = 200;

/**
 * The first dial after a failure is immediate. Later ones are spaced, with jitter, even if they succeeded and the server
 * could not serve: with many instances, dials must not overload a Redis that has just started. The longest pause, with
 * jitter, leaves a waiting operation enough time to dial and get its answer, so the first request after Redis is back
 * succeeds.
 */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 500;
const CALM_MS = 2_000;

/**
 * Keeps one connection for all operations, and replaces it when it fails.
 * @param isCluster the other nodes of a cluster still serve after a failure, so its client is used until a new one has
 *   read the topology; the connection to a single node is dropped at once
 */
export const keepConnection = (dial: Dial, isCluster: boolean, now: () => number) => {
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
      connection = await dial(onBroken);
      const replaced = live;
      live = connection;
      usedAt = now();
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

  /** Opens a new connection. All callers share the dial. */
  const redial = (): Promise<Connection> => {
    dialing ??= connect();
    return dialing;
  };

  /** Sends nothing new on `connection`. Operations in progress may still finish. */
  const retire = (connection: Connection): void => {
    if (live === connection) live = undefined;
    connection.close().catch(() => {});
  };

  const probe = async (connection: Connection): Promise<Connection> => {
    try {
      await withDeadline(connection.client.ping(), PROBE_MS, 'PING after a pause');
      usedAt = now();
      return connection;
    } catch {
      retire(connection);
      return redial();
    } finally {
      probing = undefined;
    }
  };

  /** The connection, if it can be used at once. */
  const ready = (): Connection | undefined =>
    live !== undefined && now() - usedAt < TRUSTED_IDLE_MS ? live : undefined;

  /** The connection, after a PING if it was idle, or a new one. */
  const obtain = async (): Promise<Connection> => {
    if (live === undefined) return redial();
    probing ??= probe(live);
    return probing;
  };

  return {
    ready,
    obtain,
    /** The connection for a second attempt: a new one, or one that another caller has opened since. */
    obtainAnother: async (): Promise<Connection> => {
      const connection = await dialing?.catch(() => undefined);
      return connection ?? ready() ?? obtain();
    },
    /** Call it after each answer: the connection then needs no PING for a while. */
    release: (): void => {
      usedAt = now();
    },
    /** Call it when an operation failed on `connection`. */
    replace: (connection: Connection): void => {
      if (live !== connection) return;
      if (isCluster) redial().catch(() => {});
      else retire(connection);
    },
    /** Closes the connection once pending commands are answered. The next operation dials again. */
    close: async (): Promise<void> => {
      const connection = live ?? (await dialing?.catch(() => undefined));
      live = undefined;
      await connection?.close();
    },
  };
};

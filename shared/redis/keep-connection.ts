import { setTimeout as pause } from 'node:timers/promises';
import { log } from '../log.ts';
import { withDeadline } from '../timing.ts';
import type { Connection, Dial } from './single-client.ts';

/** A VPC connector silently drops connections that are idle for 10 minutes, and a frozen instance cannot notice. */
const TRUSTED_IDLE_MS = 5_000;
const PROBE_MS = 200;

/**
 * The first dial after a failure is at once. Those that follow are spaced, with jitter, whether they failed or what they
 * reached could not serve: with many instances, a Redis that has just started should not spend its time on dials. The
 * longest pause, jitter included, leaves a waiting operation time to dial and to be answered, so the first request after
 * Redis is back is answered.
 */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 500;
const CALM_MS = 2_000;

/**
 * Keeps one connection, which all operations share, and replaces it when it fails.
 * @param isCluster a cluster's other nodes still serve after a failure, so it is used until a new dial has read which
 *   node took over; one node's connection is dropped at once
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
      usedAt = now();
      return connection;
    } catch {
      retire(connection);
      return redial();
    } finally {
      probing = undefined;
    }
  };

  /** The connection to use, when no time needs to be spent on it. */
  const ready = (): Connection | undefined =>
    live !== undefined && now() - usedAt < TRUSTED_IDLE_MS ? live : undefined;

  /** The connection to use: the live one, after a PING when it was idle, else a new one that all callers share. */
  const obtain = async (): Promise<Connection> => {
    if (live === undefined) return redial();
    probing ??= probe(live);
    return probing;
  };

  return {
    ready,
    obtain,
    /** The connection for a second try: after a failure only a new one can be better. */
    obtainAnother: async (): Promise<Connection> => {
      const connection = await dialing?.catch(() => undefined);
      return connection ?? ready() ?? obtain();
    },
    /** Redis has answered: the connection needs no PING for a while. */
    release: (): void => {
      usedAt = now();
    },
    /** `connection` failed an operation. */
    replace: (connection: Connection): void => {
      if (live !== connection) return;
      if (isCluster) redial().catch(() => {});
      else retire(connection);
    },
    /** Closes the connection once what waits has been answered. The next operation dials again. */
    close: async (): Promise<void> => {
      const connection = live ?? (await dialing?.catch(() => undefined));
      live = undefined;
      await connection?.close();
    },
  };
};

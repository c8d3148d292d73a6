import { once } from 'node:events';
import type { Server } from 'node:http';
import net from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { log } from '../log.ts';
import { countInProgress } from './connections.ts';

/** Cloud Run kills the process ten seconds after SIGTERM. The last second is for closing Redis. */
const PATIENCE_MS = 9_000;
/** Long enough for a request that was already sent on an open connection to arrive. */
const LAME_DUCK_MS = 150;
const POLL_MS = 25;
/** Long enough for a client to reconnect after its answer. A port without a new connection in this time is quiet. */
const REDIAL_MS = 100;
/** Answers wait at most this long while the port's queue is emptied. */
const ACCEPT_MS = 600;
/** How long the connection accepted last has to send its request. */
const LATE_MS = 500;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const draining = new AbortController();

/** Aborted once the instance is asked to stop. */
export const drainSignal = draining.signal;

const quiet = async (until: number): Promise<void> => {
  while (countInProgress() > 0 && Date.now() < until) await pause(POLL_MS);
};

let held: Promise<void> | undefined;

/** What an answer must wait for before it is sent; undefined except for a moment while the instance stops. */
export const portClosing = (): Promise<void> | undefined => held;

/** Closing a port resets the connections in its queue, so this accepts them all first. */
const acceptWaiting = async (server: Server): Promise<void> => {
  const until = Date.now() + ACCEPT_MS;
  let quietUntil = Date.now() + REDIAL_MS;
  const accepted = () => {
    quietUntil = Date.now() + REDIAL_MS;
  };
  server.on('connection', accepted);
  while (Date.now() < Math.min(quietUntil, until)) {
    await pause(POLL_MS);
    // Node accepts connections between a timer and this.
    await nextTurn();
  }
  server.off('connection', accepted);
};

/**
 * Stops a server without dropping a request. Answers carry `Connection: close` from now on, requests that have arrived
 * are answered, streams end, then the port and the idle connections are closed. Node's own `server.close()` would cut
 * idle connections at once, even with a request on its way. Call it once.
 */
const drain = async (server: Server, finish: () => Promise<void>): Promise<void> => {
  const until = Date.now() + PATIENCE_MS;
  draining.abort();
  await pause(LAME_DUCK_MS);
  const closing = Promise.withResolvers<void>();
  // A client that gets its answer may reconnect, so without this the queue would never be empty.
  held = closing.promise;
  await acceptWaiting(server);
  const closed = once(server, 'close');
  net.Server.prototype.close.call(server);
  held = undefined;
  closing.resolve();
  await pause(POLL_MS);
  await quiet(until);
  server.closeIdleConnections();
  await Promise.race([closed, pause(LATE_MS)]);
  await quiet(until);
  const count = countInProgress();
  if (count > 0) log.warn('requests were still running when the instance had to stop', { count });
  await finish();
};

/**
 * Drains a server at SIGTERM and SIGINT. Replaces the framework's own handlers, which end the process within
 * milliseconds, and leaves all others alone.
 * @param finish runs between the last answer and the end of the process
 */
export const drainAtSignals = (server: Server, finish: () => Promise<void>): void => {
  const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  let isEnding = false;
  // A second signal must not interrupt the first.
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    drain(server, finish).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  // The framework adds its handlers in its own listener of the same event.
  server.once('listening', () =>
    setImmediate(() => {
      for (const signal of SIGNALS) {
        for (const listener of process.listeners(signal)) {
          if (!before.get(signal)?.includes(listener)) process.removeListener(signal, listener);
        }
        process.on(signal, end);
      }
    }),
  );
};

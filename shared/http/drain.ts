import { once } from 'node:events';
import type { Server } from 'node:http';
import net from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { log } from '../log.ts';
import { countUnderWay } from './under-way.ts';

/** Cloud Run kills ten seconds after SIGTERM; the last second is for closing Redis. */
const PATIENCE_MS = 9_000;
/** Long enough for a request already on its way to arrive on the connection that it chose. */
const LAME_DUCK_MS = 150;
const POLL_MS = 25;
/** Long enough for a client to dial again after its answer: a port that is not dialled in this time is quiet. */
const REDIAL_MS = 100;
/** At most this long, answers wait while connections are taken from the queue of the port. */
const TAKE_MS = 600;
/** A connection that was taken last may send its request in this time. */
const LATE_MS = 500;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const draining = new AbortController();

/** Aborted once the instance is asked to stop. */
export const drainSignal = draining.signal;

const quiet = async (until: number): Promise<void> => {
  while (countUnderWay() > 0 && Date.now() < until) await pause(POLL_MS);
};

let held: Promise<void> | undefined;

/** What an answer waits for before it is sent; undefined but for a moment while the instance stops. */
export const portClosing = (): Promise<void> | undefined => held;

/** Closing a port resets the connections that wait in its queue, so all are taken first, late ones on a busy machine too. */
const takeWaiting = async (server: Server): Promise<void> => {
  const until = Date.now() + TAKE_MS;
  let quietUntil = Date.now() + REDIAL_MS;
  const taken = () => {
    quietUntil = Date.now() + REDIAL_MS;
  };
  server.on('connection', taken);
  while (Date.now() < Math.min(quietUntil, until)) {
    await pause(POLL_MS);
    // Connections are taken between a timer and this.
    await nextTurn();
  }
  server.off('connection', taken);
};

/**
 * Ends a server without dropping a request: answers carry `Connection: close` from now on, what has arrived is
 * answered, streams end, then the port and the idle connections are closed. Node's own `server.close()` would at once
 * cut idle connections on which a request may be on its way. To be called once.
 */
const drain = async (server: Server, finish: () => Promise<void>): Promise<void> => {
  const until = Date.now() + PATIENCE_MS;
  draining.abort();
  await pause(LAME_DUCK_MS);
  const closing = Promise.withResolvers<void>();
  // A client that has its answer dials again, so the queue would never be empty.
  held = closing.promise;
  await takeWaiting(server);
  const closed = once(server, 'close');
  net.Server.prototype.close.call(server);
  held = undefined;
  closing.resolve();
  await pause(POLL_MS);
  await quiet(until);
  server.closeIdleConnections();
  await Promise.race([closed, pause(LATE_MS)]);
  await quiet(until);
  const count = countUnderWay();
  if (count > 0) log.warn('requests were still running when the instance had to stop', { count });
  await finish();
};

/**
 * Drains a server at SIGTERM and SIGINT. The framework's own handlers end the process within milliseconds; those are
 * replaced, any other is left alone.
 * @param finish what to do between the last answer and the end of the process
 */
export const drainAtSignals = (server: Server, finish: () => Promise<void>): void => {
  const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  let isEnding = false;
  // A second signal must not cut short what the first began.
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

import type { Server } from 'node:http';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { log } from '../log.ts';
import { countUnderWay } from './under-way.ts';

/** Cloud Run kills ten seconds after SIGTERM; the last second is for closing Redis. */
const PATIENCE_MS = 9_000;
/** Long enough for a request already on its way to arrive on the connection that it chose. */
const LAME_DUCK_MS = 150;
const POLL_MS = 25;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const draining = new AbortController();

/** Aborted once the instance is asked to stop. */
export const drainSignal = draining.signal;

const quiet = async (until: number): Promise<void> => {
  while (countUnderWay() > 0 && Date.now() < until) await pause(POLL_MS);
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
  await quiet(until);
  net.Server.prototype.close.call(server);
  await pause(POLL_MS);
  await quiet(until);
  server.closeIdleConnections();
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

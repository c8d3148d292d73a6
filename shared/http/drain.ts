import type { Server } from 'node:http';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { log } from '../log.ts';

/** Cloud Run kills ten seconds after SIGTERM; the last second is for closing Redis. */
const PATIENCE_MS = 9_000;
/** Long enough for a request already on its way to arrive on the connection that it chose. */
const LAME_DUCK_MS = 150;
const POLL_MS = 25;

const draining = new AbortController();
let active = 0;

/** Aborted once the instance has been told to stop. */
export const drainSignal = draining.signal;

/** Counts a request that is being answered. */
export const requestStarted = (): void => {
  active += 1;
};

export const requestEnded = (): void => {
  active -= 1;
};

const quiet = async (until: number): Promise<void> => {
  while (active > 0 && Date.now() < until) await pause(POLL_MS);
};

/**
 * Ends a server without dropping a request: answers carry `Connection: close` from now on, what has arrived is
 * answered, streams end, then the port and the idle connections are closed. Node's own `server.close()` would at once
 * cut idle connections on which a request may be on its way. To be called once.
 */
export const drain = async (server: Server, finish: () => Promise<void>): Promise<void> => {
  const until = Date.now() + PATIENCE_MS;
  draining.abort();
  await pause(LAME_DUCK_MS);
  await quiet(until);
  net.Server.prototype.close.call(server);
  await pause(POLL_MS);
  await quiet(until);
  server.closeIdleConnections();
  if (active > 0) log.warn('requests were still running when the instance had to stop', { count: active });
  await finish();
};

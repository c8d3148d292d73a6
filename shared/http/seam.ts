import { subscribe } from 'node:diagnostics_channel';
import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem } from '../problems/problem.ts';
import { problemAnswer } from './answer.ts';
import { drain } from './drain.ts';
import type { Serve } from './kernel.ts';
import { readTrace } from './trace.ts';

/*
 * The framework launches, the kernel serves. Before a handler, the framework's Express chain answers malformed JSON
 * with an HTML page and logs the body, takes bodies of 1 GB, believes any X-Forwarded-For, and costs three quarters of
 * the CPU; at SIGTERM it ends requests in flight. Node announces every server that starts to listen, so the kernel
 * takes the framework's place as its listener there, before the first connection. Should that server ever not be what
 * is expected, requests go through Express, disguised so that it finds nothing to parse or refuse.
 */

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** Google's front end keeps connections for up to ten minutes; the side that closes first must not be this one. */
const KEEP_ALIVE_MS = 620_000;
/** A whole request, body included, must arrive in this time. */
const REQUEST_MS = 30_000;

interface Disguised {
  readonly url: string | undefined;
  readonly contentType: string | undefined;
}

const disguised = new WeakMap<IncomingMessage, Disguised>();

const disguise = (request: IncomingMessage): void => {
  disguised.set(request, { url: request.url, contentType: request.headers['content-type'] });
  request.url = '/';
  delete request.headers['content-type'];
};

/** The handler to register with the framework: in use only when the kernel could not take the server over. */
export const expressHandler =
  (serve: Serve) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const original = disguised.get(request);
    if (original !== undefined) {
      request.url = original.url;
      if (original.contentType !== undefined) request.headers['content-type'] = original.contentType;
    }
    serve(request, response);
  };

const UNREADABLE: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'The headers may hold at most 16 KiB.',
  ERR_HTTP_REQUEST_TIMEOUT: `The request did not arrive within ${REQUEST_MS / 1000} seconds.`,
};

/** What Node's parser refuses never becomes a request; it gets its problem all the same. */
const refuseUnreadable = (error: Error & { code?: string }, socket: Duplex): void => {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const detail = UNREADABLE[error.code ?? ''] ?? 'This is not a valid HTTP/1.1 request.';
  const { requestId } = readTrace({});
  const { status, headers, body = '' } = problemAnswer(new Problem('invalid-request', detail), requestId);
  const head = Object.entries({ ...headers, 'x-request-id': requestId, connection: 'close' });
  const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} Bad Request\r\n${lines}content-length: ${body.length}\r\n\r\n${body}`);
};

/** Node answers some faults itself, without a body: they get their problem too. */
const answerAll = (server: Server): void => {
  server.removeAllListeners('clientError');
  server.on('clientError', refuseUnreadable);
  server.on('connect', (_request, socket) => refuseUnreadable(new Error('a proxy is asked for'), socket));
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  Reflect.set(server, 'requireHostHeader', false);
};

/** The framework's own handlers end the process within milliseconds; those are replaced, any other is left alone. */
const drainAtSignals = (server: Server, finish: () => Promise<void>): void => {
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

/**
 * Spares requests without a body the life cycle of a stream, a twentieth of their CPU. It is `optimizeEmptyRequests` of
 * createServer, which the framework calls without it; a Node that keeps the option elsewhere serves as before.
 */
const skipEmptyBodies = (server: Server): void => {
  const option = Object.getOwnPropertySymbols(server).find((key) => key.description === 'OptimizeEmptyRequestsOption');
  if (option !== undefined) Reflect.set(server, option, true);
};

/**
 * Puts `serve` in the place of the listener of the first HTTP server that this process starts.
 * @param finish what to do between the last answer and the end of the process
 */
export const takeOver = (serve: Serve, finish: () => Promise<void>): void => {
  let isTaken = false;
  subscribe('tracing:net.server.listen:asyncStart', (message) => {
    const { server } = Object(message);
    if (isTaken || !(server instanceof Server)) return;
    isTaken = true;
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.requestTimeout = REQUEST_MS;
    answerAll(server);
    drainAtSignals(server, finish);
    if (server.listenerCount('request') === 1) {
      skipEmptyBodies(server);
      server.removeAllListeners('request');
      server.on('request', serve);
      return;
    }
    subscribe('http.server.request.start', (start) => {
      const { request, server: its } = Object(start);
      if (its === server) disguise(request);
    });
  });
};

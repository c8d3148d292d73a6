import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { log } from '../log.ts';
import { Problem } from '../problems/problem.ts';
import { problemAnswer } from './answer.ts';
import { REQUEST_MS, refuseTunnel, refuseUnreadable } from './connections.ts';
import { drainAtSignals } from './drain.ts';
import type { Serve } from './kernel.ts';
import { readTrace } from './request-head.ts';
import { send } from './send.ts';

/*
 * The framework launches, the kernel serves. Before a handler, the framework's Express chain answers malformed JSON
 * with an HTML page and logs the body, takes bodies of 1 GB, believes any X-Forwarded-For, and costs three quarters of
 * the CPU; at SIGTERM it ends requests in flight. The framework calls `http.createServer(app)` after it has loaded the
 * functions, so that one call gets a server of the kernel instead. If it ever does not, Express calls
 * `refuseExpress`, which fails every request: a new revision then never gets traffic.
 */

/** Google's front end keeps connections for up to ten minutes; the side that closes first must not be this one. */
const KEEP_ALIVE_MS = 620_000;
/** How late Node may notice that a request is late. */
const CHECK_MS = 1_000;

/** A server that hands every request to `serve`. A request that has not arrived whole after `requestMs` is refused. */
export const createKernelServer = (serve: Serve, requestMs = REQUEST_MS): Server => {
  const options = {
    // The kernel refuses it with a problem.
    requireHostHeader: false,
    // Spares requests without a body the life cycle of a stream, a twentieth of their CPU.
    optimizeEmptyRequests: true,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Node swaps the two when the headers may take longer than the whole request.
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, requestMs),
  };
  // What Node answers itself, without a body, gets its problem too.
  return http
    .createServer(options, serve)
    .on('checkExpectation', serve)
    .on('clientError', refuseUnreadable)
    .on('connect', refuseTunnel);
};

/** Whether these are the arguments of the framework's call: an Express application, and nothing else. */
const isFrameworks = ([app, ...rest]: readonly unknown[]): boolean =>
  typeof app === 'function' && 'handle' in app && rest.length === 0;

/**
 * Gives the framework a server of the kernel when it asks for one. Servers that others open are left alone.
 * @param finish what to do between the last answer and the end of the process
 */
export const takeOver = (serve: Serve, finish: () => Promise<void>): void => {
  const { createServer } = http;
  const replacement = (...args: readonly unknown[]): Server => {
    if (!isFrameworks(args)) return Reflect.apply(createServer, http, args);
    Object.assign(http, { createServer });
    const server = createKernelServer(serve);
    drainAtSignals(server, finish);
    return server;
  };
  Object.assign(http, { createServer: replacement });
};

let isReported = false;

/** The handler that the framework knows. It runs only when the framework did not get the kernel's server. */
export const refuseExpress = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const trace = readTrace(request.headers);
  if (!isReported) {
    isReported = true;
    const cause =
      'The functions-framework did not start its server with http.createServer(app), where the kernel waits.';
    log.error(
      new Error(`${cause} Every request gets 500. Check what the Node or framework update changed.`),
      {},
      trace,
    );
  }
  const problem = new Problem('internal', 'This revision cannot serve. Deploy the one before it.');
  await send(request, response, trace.requestId, problemAnswer(problem, trace.requestId));
};

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
 * The framework launches, the kernel serves. The framework's Express chain answers malformed JSON with an HTML page and
 * logs the body, accepts bodies of 1 GB, trusts any X-Forwarded-For, takes three quarters of the CPU, and cuts requests
 * off at SIGTERM. The framework calls `http.createServer(app)` after it has loaded the functions. That one call gets a
 * server of the kernel instead. If it ever does not, Express calls `refuseExpress`, which fails every request, so a new
 * revision never gets traffic.
 */

/** Longer than the ten minutes for which Google's front end keeps a connection: this side must not close first. */
const KEEP_ALIVE_MS = 620_000;
/** How often Node looks for requests that are late. */
const CHECK_MS = 1_000;

/** A server that passes every request to `serve`, and refuses one that has not arrived whole within `requestMs`. */
export const createKernelServer = (serve: Serve, requestMs = REQUEST_MS): Server => {
  const options = {
    // The kernel checks it, and answers with a problem.
    requireHostHeader: false,
    // Skips the life cycle of a stream for requests without a body: a twentieth of their CPU.
    optimizeEmptyRequests: true,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Node swaps these two if the headers get more time than the whole request.
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, requestMs),
  };
  // Node would answer these itself, without a body.
  return http
    .createServer(options, serve)
    .on('checkExpectation', serve)
    .on('clientError', refuseUnreadable)
    .on('connect', refuseTunnel);
};

/** Whether this is the framework's call: an Express application and no other argument. */
const isFrameworks = ([app, ...rest]: readonly unknown[]): boolean =>
  typeof app === 'function' && 'handle' in app && rest.length === 0;

/**
 * Gives the framework a server of the kernel. Servers that other code opens are left alone.
 * @param finish runs between the last answer and the end of the process
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

/** The handler that is registered with the framework. Runs only if the framework did not get the kernel's server. */
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

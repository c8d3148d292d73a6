import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Report } from '../../console/recorded-requests.ts';
import type { RequestLine } from './format-log.ts';

/*
 * `npm start` preloads this into the function's process. On a terminal (REQUEST_LOG=terminal) it prints a line of JSON
 * for each request. With CONSOLE_SOCKET it reports each request and its response to the console.
 */

/** The console shows at most this much of a body, in bytes. */
const BODY_LIMIT = 64 * 1024;
const REPORT_EVERY_MS = 1_000;
const { REQUEST_LOG, CONSOLE_SOCKET } = process.env;

const socket = CONSOLE_SOCKET ? connect(CONSOLE_SOCKET).unref() : undefined;
// The functions keep serving if the console is gone.
socket?.on('error', () => {});
const report = (message: Report): void => {
  if (socket?.writable) socket.write(`${JSON.stringify(message)}\n`);
};
const reportProcess = (): void => {
  const started = new Date(Date.now() - process.uptime() * 1_000).toISOString();
  report({ pid: process.pid, started, memory_bytes: process.memoryUsage.rss() });
};
if (socket !== undefined) {
  reportProcess();
  setInterval(reportProcess, REPORT_EVERY_MS).unref();
}

/** The round trips to Redis of the current request. Pipelined commands count as one. */
const current = new AsyncLocalStorage<{ count: number; pending: number }>();
for (const channel of ['command', 'batch']) {
  const tripsOf = new WeakMap<object, { pending: number }>();
  subscribe(`tracing:node-redis:${channel}:start`, (command) => {
    const trips = current.getStore();
    if (trips === undefined) return;
    tripsOf.set(Object(command), trips);
    if (trips.pending === 0) trips.count += 1;
    trips.pending += 1;
  });
  subscribe(`tracing:node-redis:${channel}:asyncEnd`, (command) => {
    const trips = tripsOf.get(Object(command));
    if (trips !== undefined) trips.pending -= 1;
  });
}

/** Wraps methods of `target` to keep the bytes that each gets as its first argument. */
const keepBytes = (target: object, methods: readonly string[]) => {
  const kept: Buffer[] = [];
  let size = 0;
  for (const name of methods) {
    const method = Reflect.get(target, name);
    Reflect.set(target, name, (...args: unknown[]) => {
      const [chunk] = args;
      const isBytes = typeof chunk === 'string' || chunk instanceof Uint8Array;
      if (isBytes && size < BODY_LIMIT) {
        kept.push(Buffer.from(chunk));
        size += chunk.length;
      }
      return Reflect.apply(method, target, args);
    });
  }
  return () => Buffer.concat(kept).subarray(0, BODY_LIMIT);
};

const headOf = ({ method, url, httpVersion, rawHeaders }: IncomingMessage): string => {
  const lines = rawHeaders.flatMap((name, at) => {
    if (at % 2 === 1) return [];
    return `${name}: ${/^(authorization|cookie)$/i.test(name) ? '[hidden]' : rawHeaders[at + 1]}`;
  });
  return [`${method} ${url} HTTP/${httpVersion}`, ...lines].join('\n');
};

const print = (request: Omit<RequestLine, 'detail'>, head: string, body: Buffer): void => {
  let detail: string | undefined;
  try {
    if (head.includes('application/problem+json')) ({ detail } = JSON.parse(String(body)));
  } catch {
    // Compressed or cut off: print the line without it.
  }
  process.stdout.write(`${JSON.stringify({ ...request, detail } satisfies RequestLine)}\n`);
};

const follow = (request: IncomingMessage, response: ServerResponse): void => {
  const from = performance.now();
  const trips = { count: 0, pending: 0 };
  current.enterWith(trips);
  // The parser delivers the body by `push`. Reading it as a stream would take it from the handler.
  const requestBody = keepBytes(request, ['push']);
  const responseBody = keepBytes(response, ['write', 'end']);
  const { method = '', url = '' } = request;
  const started = { id: randomUUID(), time: new Date().toISOString(), method, url };
  report(started);
  response.once('close', () => {
    const { statusCode: status } = response;
    const latency_ms = Math.round((performance.now() - from) * 10) / 10;
    // The kernel passes Node the whole head as one text, so `getHeaders` knows nothing of it.
    const head = String(Reflect.get(response, '_header') ?? '').trim();
    const sent = { head: headOf(request), body: requestBody().toString('base64') };
    const got = { head, body: responseBody().toString('base64') };
    report({ ...started, status, latency_ms, trips: trips.count, sent, got });
    if (REQUEST_LOG === 'terminal') {
      print({ time: new Date().toISOString(), method, url, status, latency_ms }, head, responseBody());
    }
  });
};

subscribe('http.server.request.start', (message) => {
  const { request, response } = Object(message);
  follow(request, response);
});

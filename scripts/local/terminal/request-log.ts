import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';

/*
 * Loaded into the function's process by `npm start`. On a terminal (REQUEST_LOG=terminal) it prints one line of JSON for
 * each request, in the form that Cloud Run's own request log has. With CONSOLE_SOCKET it sends each request and its
 * answer to the console. Deployed, Cloud Run writes that log itself.
 */

/** What the console shows of a body, in bytes. */
const BODY_LIMIT = 64 * 1024;
const MEMORY_EVERY_MS = 1_000;
const { REQUEST_LOG, CONSOLE_SOCKET } = process.env;

const wire = CONSOLE_SOCKET ? connect(CONSOLE_SOCKET).unref() : undefined;
// Without a console the functions serve as before.
wire?.on('error', () => {});
const tell = (message: object): void => {
  if (wire?.writable) wire.write(`${JSON.stringify(message)}\n`);
};
const tellProcess = (): void => {
  const started = new Date(Date.now() - process.uptime() * 1_000).toISOString();
  tell({ pid: process.pid, started, memory_bytes: process.memoryUsage.rss() });
};
if (wire !== undefined) {
  tellProcess();
  setInterval(tellProcess, MEMORY_EVERY_MS).unref();
}

/** The trips to Redis of the request that is served. Commands that travel together are one. */
const current = new AsyncLocalStorage<{ count: number; underWay: number }>();
for (const channel of ['command', 'batch']) {
  const tripsOf = new WeakMap<object, { underWay: number }>();
  subscribe(`tracing:node-redis:${channel}:start`, (command) => {
    const trips = current.getStore();
    if (trips === undefined) return;
    tripsOf.set(Object(command), trips);
    if (trips.underWay === 0) trips.count += 1;
    trips.underWay += 1;
  });
  subscribe(`tracing:node-redis:${channel}:asyncEnd`, (command) => {
    const trips = tripsOf.get(Object(command));
    if (trips !== undefined) trips.underWay -= 1;
  });
}

/** Keeps the bytes that pass through a method of `target`, as its first argument. */
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

const detailOf = (body: Buffer): string | undefined => {
  try {
    const { detail } = JSON.parse(String(body));
    return detail;
  } catch {
    return undefined;
  }
};

const SECRET = /^(authorization|cookie)$/i;

const headOf = ({ method, url, httpVersion, rawHeaders }: IncomingMessage): string => {
  const lines = rawHeaders.flatMap((name, at) => {
    if (at % 2 === 1) return [];
    return `${name}: ${SECRET.test(name) ? '[hidden]' : rawHeaders[at + 1]}`;
  });
  return [`${method} ${url} HTTP/${httpVersion}`, ...lines].join('\n');
};

const follow = (request: IncomingMessage, response: ServerResponse): void => {
  const from = performance.now();
  const time = new Date().toISOString();
  const trips = { count: 0, underWay: 0 };
  current.enterWith(trips);
  const { method = '', url = '' } = request;
  // The parser hands the body over here; reading it as a stream would take it from the handler.
  const requestBody = keepBytes(request, ['push']);
  const answerBody = keepBytes(response, ['write', 'end']);
  const id = randomUUID();
  tell({ id, time, method, url });
  response.once('close', () => {
    const { statusCode: status } = response;
    const latency_ms = Math.round((performance.now() - from) * 10) / 10;
    // The kernel hands the whole head to Node, which then knows no single header.
    const head = String(Reflect.get(response, '_header') ?? '').trim();
    const sent = { head: headOf(request), body: requestBody().toString('base64') };
    const got = { head, body: answerBody().toString('base64') };
    tell({ id, time, method, url, status, latency_ms, trips: trips.count, sent, got });
    if (REQUEST_LOG !== 'terminal') return;
    const detail = status >= 400 && head.includes('application/problem+json') ? detailOf(answerBody()) : undefined;
    const line = {
      severity: 'INFO',
      time: new Date().toISOString(),
      httpRequest: { requestMethod: method, requestUrl: url, status },
      latency_ms: Math.round(latency_ms),
      ...(detail !== undefined && { detail }),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  });
};

subscribe('http.server.request.start', (message) => {
  const { request, response } = Object(message);
  follow(request, response);
});

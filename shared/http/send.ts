import type { IncomingMessage, ServerResponse } from 'node:http';
import { config } from '../config/config.ts';
import { matchesEtag } from '../stored-text.ts';
import { type Answer, notModified } from './answer.ts';
import { drainSignal, portClosing } from './drain.ts';

const EXPOSED = 'ETag, Location, Retry-After, RateLimit, RateLimit-Policy, Cache-Status, X-Request-Id';

/** CORS headers, if CORS_ORIGINS names the origin. */
const corsHeaders = (request: IncomingMessage, allow: string | undefined): string[] => {
  const { corsOrigins } = config();
  const { origin } = request.headers;
  const isAny = corsOrigins.includes('*');
  if (origin === undefined || !(isAny || corsOrigins.includes(origin))) return ['vary', 'Origin'];
  const allowed = ['access-control-allow-origin', isAny ? '*' : origin, 'vary', 'Origin'];
  if (allow === undefined) return [...allowed, 'access-control-expose-headers', EXPOSED];
  const requested = request.headers['access-control-request-headers'];
  return [
    ...allowed,
    ...['access-control-allow-methods', allow, 'access-control-max-age', '7200'],
    ...(requested === undefined ? [] : ['access-control-allow-headers', requested]),
  ];
};

/** Waits for a slow client. Removes its listeners, since one stream may wait many times. */
const hasRoom = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });

const sendStream = async (response: ServerResponse, stream: AsyncIterable<string>): Promise<void> => {
  try {
    response.flushHeaders();
    for await (const piece of stream) {
      if (response.destroyed) break;
      if (!response.write(piece)) await hasRoom(response);
    }
  } finally {
    response.end();
  }
};

/** Headers that an answer carries beside its own, such as the client's rate limit. */
export type ExtraHeaders = Readonly<Record<string, string>>;

/** Writes an answer: conditional GET, HEAD, length, request id, CORS. Returns a promise only if it has to wait. */
export const send = (
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  given: Answer,
  extra?: ExtraHeaders,
): Promise<void> | undefined => {
  const closing = portClosing();
  if (closing !== undefined) return closing.then(() => send(request, response, requestId, given, extra));
  if (response.destroyed) return undefined;
  const { method } = request;
  const isRead = method === 'GET' || method === 'HEAD';
  const condition = request.headers['if-none-match'];
  const isSame = isRead && given.status === 200 && given.etag !== undefined && condition !== undefined;
  const answer = isSame && matchesEtag(condition, given.etag) ? notModified(given) : given;

  const head = ['x-request-id', requestId, 'x-content-type-options', 'nosniff'];
  let isCacheControlled = false;
  for (const name in answer.headers) {
    head.push(name, answer.headers[name] ?? '');
    if (name === 'cache-control') isCacheControlled = true;
  }
  if (!isCacheControlled) head.push('cache-control', answer.etag === undefined ? 'no-store' : 'no-cache');
  if (answer.etag !== undefined) head.push('etag', answer.etag);
  for (const name in extra) head.push(name, extra[name] ?? '');
  if (config().corsOrigins.length > 0) {
    head.push(...corsHeaders(request, method === 'OPTIONS' ? answer.headers?.allow : undefined));
  }
  if (drainSignal.aborted) head.push('connection', 'close');

  const { body, stream, status } = answer;
  if (stream !== undefined) {
    response.writeHead(status, head);
    if (method !== 'HEAD') return sendStream(response, stream);
    response.end();
    return undefined;
  }
  const hasBody = body !== undefined && status !== 304;
  const length = hasBody ? Buffer.byteLength(body) : 0;
  if (hasBody) head.push('content-length', String(length));
  else if (status !== 204 && status !== 304) head.push('content-length', '0');
  response.writeHead(status, head);
  // A text with as many bytes as characters is ASCII, which Node writes faster as latin1.
  if (hasBody && method !== 'HEAD') response.end(body, length === body.length ? 'latin1' : 'utf8');
  else response.end();
  return undefined;
};

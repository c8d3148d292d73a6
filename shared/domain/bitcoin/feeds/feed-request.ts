import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createUnzip } from 'node:zlib';

/*
 * Not `fetch`: that of Node 24 ends the process when a server closes the connection while more than 64 KiB of its answer
 * are still to be read (nodejs/undici, issue 5360), and no caller can catch it.
 */

/** As many as a browser follows. */
const MAX_REDIRECTS = 20;
const REDIRECTS = [301, 302, 303, 307, 308];

const HEADERS = { accept: 'application/json', 'accept-encoding': 'gzip, deflate', 'user-agent': 'node' };

const get = async (url: URL, signal: AbortSignal): Promise<IncomingMessage> => {
  const client = url.protocol === 'https:' ? (await import('node:https')).default : http;
  return new Promise((resolve, reject) => {
    // A connection kept for the next minute's refresh would be dead by then when the instance was frozen. What breaks after
    // the answer has begun breaks its body.
    client.get(url, { agent: false, headers: HEADERS, signal }, resolve).on('error', reject);
  });
};

interface FeedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

/** Asks a feed, following its redirects. The body is decompressed as it is read, and must be read or destroyed. */
export const requestFeed = async (
  url: URL,
  signal: AbortSignal,
  redirectsLeft = MAX_REDIRECTS,
): Promise<FeedAnswer> => {
  const response = await get(url, signal);
  const { statusCode: status = 0, headers } = response;
  if (REDIRECTS.includes(status) && headers.location !== undefined) {
    response.destroy();
    if (redirectsLeft === 0) throw new Error(`The feed redirects more than ${MAX_REDIRECTS} times`);
    return requestFeed(new URL(headers.location, url), signal, redirectsLeft - 1);
  }
  // An error of either ends both, and the reader gets it.
  const isPacked = /gzip|deflate/i.test(headers['content-encoding'] ?? '');
  const body = isPacked ? pipeline(response, createUnzip(), () => {}) : response;
  return { status, headers, body };
};

import http, { type IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createUnzip } from 'node:zlib';

/*
 * Not `fetch`: in Node 24 it crashes the process when a server closes the connection while more than 64 KiB of its answer
 * are unread (nodejs/undici, issue 5360), and no caller can catch that.
 */

/** As many as a browser follows. */
const MAX_REDIRECTS = 20;
const REDIRECTS = [301, 302, 303, 307, 308];

const HEADERS = { accept: 'application/json', 'accept-encoding': 'gzip, deflate', 'user-agent': 'node' };

const get = async (url: URL, signal: AbortSignal): Promise<IncomingMessage> => {
  const client = url.protocol === 'https:' ? (await import('node:https')).default : http;
  return new Promise((resolve, reject) => {
    // No keep-alive: a frozen instance would find the connection dead at the next refresh, a minute later.
    client.get(url, { agent: false, headers: HEADERS, signal }, resolve).on('error', reject);
  });
};

/** Requests a feed and follows redirects. The body is decompressed as it is read; read or destroy it. */
export const requestFeed = async (first: URL, signal: AbortSignal) => {
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await get(url, signal);
    const { statusCode: status = 0, headers } = response;
    if (!REDIRECTS.includes(status) || headers.location === undefined) {
      const isCompressed = /gzip|deflate/i.test(headers['content-encoding'] ?? '');
      // From here on, an error of either stream reaches the reader of the body.
      const body: Readable = isCompressed ? pipeline(response, createUnzip(), () => {}) : response;
      return { status, headers, body };
    }
    response.destroy();
    url = new URL(headers.location, url);
  }
  throw new Error(`The feed redirects more than ${MAX_REDIRECTS} times`);
};

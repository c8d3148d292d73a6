import type { IncomingMessage } from 'node:http';

/**
 * Who is calling, as far as it can be believed: every trusted proxy appends to X-Forwarded-For what it saw, so with
 * `hops` of them the entry that many from the right is true, and all left of it may be the caller's invention.
 * With fewer entries than proxies, or none trusted, it is the peer of the connection.
 */
export const clientAddress = (request: IncomingMessage, hops: number): string => {
  const peer = request.socket.remoteAddress ?? 'unknown';
  const header = request.headers['x-forwarded-for'];
  if (hops === 0 || header === undefined) return peer;
  const entries = (Array.isArray(header) ? header.join(',') : header).split(',');
  const entry = entries.at(-hops)?.trim();
  return entry ? entry.slice(0, 64) : peer;
};

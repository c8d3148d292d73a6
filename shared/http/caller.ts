import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { config } from '../config/config.ts';

/** Who calls, for what is kept by caller. */
export type Identify = (request: IncomingMessage) => string;

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

/** The caller's address, by the trusted proxies of the settings. */
export const byAddress: Identify = (request) => clientAddress(request, config().trustedProxyHops);

const claims = z.object({ sub: z.string().min(1).max(255) });
/** An identity token that Google has verified: it takes the signature off, so that the token cannot be used again. */
const VERIFIED = /^Bearer [\w-]+\.([\w-]+)\.SIGNATURE_REMOVED_BY_GOOGLE$/i;

const subjectOf = (payload: string): string | undefined => {
  try {
    return claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())).sub;
  } catch {
    return undefined;
  }
};

/**
 * The account that calls a function which Google's IAM guards, whatever address it calls from; without a verified
 * token, the address. Only to be believed where no function is public.
 */
export const bySubject: Identify = (request) => {
  const { authorization, 'x-serverless-authorization': own } = request.headers;
  // Google checks the second instead of the first when both are there.
  const [, payload] = VERIFIED.exec(typeof own === 'string' ? own : (authorization ?? '')) ?? [];
  const subject = payload === undefined ? undefined : subjectOf(payload);
  return subject === undefined ? byAddress(request) : `subject ${subject}`;
};

import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { config } from '../config/config.ts';
import type { Answer } from './answer.ts';
import { drainSignal } from './drain.ts';
import type { Match } from './router.ts';
import type { ExtraHeaders } from './send.ts';

/**
 * The client's address. Each trusted proxy appends the address it saw to X-Forwarded-For, so with `hops` proxies the
 * entry that far from the right is genuine, and a client can forge everything left of it. With fewer entries, or no
 * trusted proxy, it is the other end of the connection.
 */
export const clientAddress = ({ headers, socket }: IncomingMessage, hops: number): string => {
  const peer = socket.remoteAddress ?? 'unknown';
  const header = headers['x-forwarded-for'];
  if (hops === 0 || header === undefined) return peer;
  const entries = (Array.isArray(header) ? header.join(',') : header).split(',');
  return entries.at(-hops)?.trim().slice(0, 64) || peer;
};

/** Names the client that a limit counts. */
export type Identify = (request: IncomingMessage) => string;

export const byAddress: Identify = (request) => clientAddress(request, config().trustedProxyHops);

const claims = z.object({ sub: z.string().min(1).max(255) });
/** An identity token that Google has verified: it removes the signature, so that the token cannot be used again. */
const VERIFIED = /^Bearer [\w-]+\.([\w-]+)\.SIGNATURE_REMOVED_BY_GOOGLE$/i;

/**
 * By the account in the token that Google's IAM has verified, from whatever address it calls; by address without such
 * a token. Only safe where every function is private: a public one gets tokens that Google has not checked.
 */
export const bySubject: Identify = (request) => {
  const { authorization, 'x-serverless-authorization': own } = request.headers;
  // With both headers, Google checks the second.
  const payload = VERIFIED.exec(typeof own === 'string' ? own : (authorization ?? ''))?.[1];
  if (payload === undefined) return byAddress(request);
  try {
    return `subject ${claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())).sub}`;
  } catch {
    return byAddress(request);
  }
};

/** What a handler may know of its request beyond the checked input. */
export class Context {
  /** The body as received: valid JSON, or empty when there was none. For values that are stored as the client wrote them. */
  bodyText = '';
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #signal: AbortSignal | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  /** The Accept header; that of a client that takes anything, without one. */
  get accept(): string {
    return this.#request.headers.accept ?? '*/*';
  }

  /** The Accept-Encoding header; empty without one. */
  get acceptEncoding(): string {
    return String(this.#request.headers['accept-encoding'] ?? '');
  }

  /** Where the client found this function, such as `https://example.com`. Clients can forge it. */
  get origin(): string {
    const { 'x-forwarded-proto': scheme, host } = this.#request.headers;
    return `${scheme === 'https' ? 'https' : 'http'}://${host}`;
  }

  /** The client's address, by the trusted proxies of the settings. */
  get address(): string {
    return byAddress(this.#request);
  }

  /** Aborted when the client disconnects or the instance drains. Created at first use, since few handlers need it. */
  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const gone = new AbortController();
      if (this.#response.closed) gone.abort();
      this.#response.once('close', () => gone.abort());
      this.#signal = AbortSignal.any([gone.signal, drainSignal]);
    }
    return this.#signal;
  }
}

/** A request with its route, on its way to the handler. */
export interface Call {
  readonly request: IncomingMessage;
  readonly match: Match;
  /** The query, without its `?`. */
  readonly search: string;
  readonly context: Context;
  /** Headers that the answer carries beside its own. */
  extra?: ExtraHeaders;
}

/** One concern around a call: answers it, or passes it to the next step. Returns a promise only if it has to wait. */
export type Step = (call: Call) => Promise<Answer> | Answer;

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import { byAddress } from './caller.ts';
import { drainSignal } from './drain.ts';
import type { Match } from './router.ts';
import type { ExtraHeaders } from './send.ts';

/** What a handler may know of its request beyond its checked input. */
export class Context {
  /** The body as it came, valid JSON: for what is kept as the caller wrote it. Empty when there was none. */
  bodyText = '';
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #signal: AbortSignal | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  /** The Accept header; that of anything when there is none. */
  get accept(): string {
    return this.#request.headers.accept ?? '*/*';
  }

  /** The Accept-Encoding header; empty when there is none. */
  get acceptEncoding(): string {
    return String(this.#request.headers['accept-encoding'] ?? '');
  }

  /** Where the caller found this function, such as `https://example.com`: as the request says, so not to be trusted. */
  get origin(): string {
    const { 'x-forwarded-proto': scheme, host } = this.#request.headers;
    return `${scheme === 'https' ? 'https' : 'http'}://${host}`;
  }

  /** The caller's address, as far as it can be believed. */
  get address(): string {
    return byAddress(this.#request);
  }

  /** Aborted when the client goes or the instance drains; made at first use, since few handlers need it. */
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

/** A request that has found its route, on its way to the handler. */
export interface Call {
  readonly request: IncomingMessage;
  readonly match: Match;
  /** The query, without its `?`. */
  readonly search: string;
  readonly context: Context;
  /** Headers for the answer, whatever it will be. */
  extra?: ExtraHeaders;
}

/** One concern around a call: it answers, or lets the next step answer. A promise only where there is something to wait for. */
export type Step = (call: Call) => Promise<Answer> | Answer;

import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientAddress } from './client-address.ts';
import { drainSignal } from './drain.ts';

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

  /** The caller's address, by trusted hops. */
  address(hops: number): string {
    return clientAddress(this.#request, hops);
  }

  /** Aborted when the client goes or the instance drains; made at first use, since few handlers need it. */
  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const gone = new AbortController();
      this.#response.once('close', () => gone.abort());
      this.#signal = AbortSignal.any([gone.signal, drainSignal]);
    }
    return this.#signal;
  }
}

/** How much a header such as Accept or Accept-Encoding wants `name`: from 0, not at all or not named, to 1. */
export const quality = (header: string, name: string): number => {
  const range = header.split(',').find((part) => part.split(';')[0]?.trim().toLowerCase() === name);
  return range === undefined ? 0 : Number(/;\s*q=([\d.]+)/.exec(range)?.[1] ?? 1);
};

/** Whether a page serves this Accept header better than JSON: browsers name text/html, programs mostly `*`. */
export const prefersHtml = (accept: string): boolean =>
  quality(accept, 'text/html') > quality(accept, 'application/json');

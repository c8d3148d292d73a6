import type { Problem } from '../problems/problem.ts';

/** What a handler answers; the kernel adds the request's id, the length, CORS and the conditional answers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** Sent piece by piece until it ends, the client goes, or the instance drains. */
  readonly stream?: AsyncIterable<string> | undefined;
  /** Quoted, `W/` in front when weak; If-None-Match on GET is answered by it. */
  readonly etag?: string | undefined;
}

interface Extras {
  readonly headers?: Readonly<Record<string, string>>;
  readonly etag?: string;
}

const JSON_TYPE = 'application/json';

/** 200 with a text that is JSON already, as Redis holds it: not parsed, not printed again. */
export const okJson = (body: string, { headers, etag }: Extras = {}): Answer => ({
  status: 200,
  headers: { 'content-type': JSON_TYPE, ...headers },
  body,
  etag,
});

/** 200 with `value` as JSON. */
export const ok = (value: unknown, extras: Extras = {}): Answer => okJson(JSON.stringify(value), extras);

/** 201 with the new thing's address and, as JSON text, the thing itself. */
export const createdJson = (location: string, body: string, extras: Extras = {}): Answer => ({
  ...okJson(body, { ...extras, headers: { location, ...extras.headers } }),
  status: 201,
});

/** 202: somebody else is already doing it. */
export const accepted = (value: unknown): Answer => ({ ...ok(value), status: 202 });

/** 204 */
export const noContent = (headers: Readonly<Record<string, string>> = {}): Answer => ({ status: 204, headers });

/** 200 with text or bytes of another type, such as a page or a style sheet. */
export const okContent = (type: string, body: string | Uint8Array, { headers, etag }: Extras = {}): Answer => ({
  status: 200,
  headers: { 'content-type': type, ...headers },
  body,
  etag,
});

/** 200 with Server-Sent Events. */
export const eventStream = (stream: AsyncIterable<string>): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  stream,
});

/** 304: what the caller holds still stands. */
export const notModified = ({ headers, etag }: Answer): Answer => {
  const kept = Object.entries(headers ?? {}).filter(([name]) => name !== 'content-type');
  return { status: 304, headers: Object.fromEntries(kept), etag };
};

/** A problem as RFC 9457 writes it. */
export const problemAnswer = (problem: Problem, requestId: string): Answer => ({
  status: problem.status,
  headers: { 'content-type': 'application/problem+json', ...problem.headers },
  body: JSON.stringify(problem.toDocument(requestId)),
});

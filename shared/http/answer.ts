import type { Page } from '../page/html.ts';
import type { Problem } from '../problems/problem.ts';
import { etagOf, type JsonText, printJson } from '../stored-text.ts';

/** What a handler answers. The kernel adds the request id, the length, CORS headers and conditional answers. */
export interface Answer<Status extends number = number, Body = unknown> {
  readonly status: Status;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** Sent piece by piece until it ends, the client disconnects, or the instance drains. */
  readonly stream?: AsyncIterable<string> | undefined;
  /** Quoted, with `W/` in front when weak. A GET with a matching If-None-Match gets a 304. */
  readonly etag?: string | undefined;
  /** Never set: tells the compiler what the body holds. */
  readonly holds?: Body;
}

interface Extras {
  readonly headers?: Readonly<Record<string, string>>;
  readonly etag?: string;
}

/** 200 with a text that is JSON already. */
export const okJson = <T>(body: JsonText<T>, { headers, etag }: Extras = {}): Answer<200, T> => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body,
  etag,
});

/** 200 with a stored document and its ETag. */
export const okStored = <T>(body: JsonText<T>): Answer<200, T> => okJson(body, { etag: etagOf(body) });

/** 200 with `value` as JSON. */
export const ok = <T>(value: T, extras: Extras = {}): Answer<200, T> => okJson(printJson(value), extras);

/** 201 with the new resource, as JSON text, and its address. */
export const createdJson = <T>(location: string, body: JsonText<T>, extras: Extras = {}): Answer<201, T> => ({
  ...okJson(body, { ...extras, headers: { location, ...extras.headers } }),
  status: 201,
});

/** 201 with a new document as it is stored, and its ETag. */
export const createdStored = <T>(location: string, body: JsonText<T>): Answer<201, T> =>
  createdJson(location, body, { etag: etagOf(body) });

/** 202: another call is already doing it. */
export const accepted = <T>(value: T): Answer<202, T> => ({ ...ok(value), status: 202 });

/** 204 */
export const noContent = (headers: Readonly<Record<string, string>> = {}): Answer<204, undefined> => ({
  status: 204,
  headers,
});

/** 204, once the deletion is done. */
export const deleted = async (deletion: Promise<void>): Promise<Answer<204, undefined>> => {
  await deletion;
  return noContent();
};

/** 200 with text or bytes of another type, such as a page or a style sheet. */
export const okContent = (
  type: string,
  body: string | Uint8Array,
  { headers, etag }: Extras = {},
): Answer<200, string> => ({
  status: 200,
  headers: { 'content-type': type, ...headers },
  body,
  etag,
});

/** The media type of pages. */
export const HTML = 'text/html; charset=utf-8';

/** 200 with a page and its security headers. */
export const okPage = ({ html, headers }: Page, extras: Extras = {}): Answer<200, string> =>
  okContent(HTML, html, { ...extras, headers: { ...extras.headers, ...headers } });

/** 200 with Server-Sent Events. */
export const eventStream = (stream: AsyncIterable<string>): Answer<200, string> => ({
  status: 200,
  headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  stream,
});

/** 304: the client's copy is current. */
export const notModified = ({ headers, etag }: Answer): Answer => {
  const kept = Object.entries(headers ?? {}).filter(([name]) => name !== 'content-type');
  return { status: 304, headers: Object.fromEntries(kept), etag };
};

/** A problem as RFC 9457 defines it. */
export const problemAnswer = (problem: Problem, requestId: string): Answer => ({
  status: problem.status,
  headers: { 'content-type': 'application/problem+json', vary: 'Accept', ...problem.headers },
  body: JSON.stringify(problem.toDocument(requestId)),
});

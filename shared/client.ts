import type * as z from 'zod';
import type { InputShape } from './http/input.ts';
import type { Route } from './http/route.ts';
import type { Answers, BodyOf, Sent, Values } from './http/route-types.ts';
import type { ProblemDocument, problems } from './problems/problem.ts';

/*
 * A client for these functions, typed from their routes, without generated code. Pass the routes as a type parameter:
 * `createClient<Api>('http://localhost:8080')`.
 */

type KeyOf<R> = R extends Route ? `${R['method']} ${R['path']}` : never;

type RouteAt<R, Key> = R extends Route ? (Key extends KeyOf<R> ? R : never) : never;

/** The type of each part of a request, taken from the route's input. */
interface Parts<S extends InputShape> {
  readonly path: Sent<S['path']>;
  readonly query: Sent<S['query']>;
  readonly body: S['body'] extends z.ZodType ? z.input<S['body']> : never;
}

type Optional<S extends InputShape> = {
  [Part in keyof Parts<S> & keyof S]: Record<never, never> extends Parts<S>[Part]
    ? Part
    : undefined extends Parts<S>[Part]
      ? Part
      : never;
}[keyof Parts<S> & keyof S];

type Options<S extends InputShape> = Pick<Parts<S>, Exclude<keyof Parts<S> & keyof S, Optional<S>>> &
  Partial<Pick<Parts<S>, Optional<S>>> & {
    readonly headers?: (S['headers'] extends z.ZodType ? z.input<S['headers']> : unknown) &
      Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  };

type Arguments<S extends InputShape> =
  Record<never, never> extends Options<S> ? [options?: Options<S>] : [options: Options<S>];

interface Received<Status extends number, Body> {
  readonly status: Status;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Body;
  /** The unparsed body, because JSON.parse rounds numbers with many digits. */
  readonly text: string;
}

type Success<A extends Answers> = {
  [Status in keyof A & number]: Received<Status, BodyOf<A[Status]>> & { readonly ok: true };
}[keyof A & number];

/** 304 after If-None-Match, 401 and 403 from Google's IAM, and the problems of the functions. */
type FailedStatus = 304 | 401 | 403 | (typeof problems)[keyof typeof problems]['status'];

/** `ok` and `status` determine the type of `body`. */
type Result<A extends Answers> = Success<A> | (Received<FailedStatus, ProblemDocument> & { readonly ok: false });

/** Calls one route, such as `client('GET /users/{id}', { path: { id: 4 } })`. Rejects as `fetch` does. */
export type Client<R extends Route> = <Key extends KeyOf<R>>(
  key: Key,
  ...options: Arguments<RouteAt<R, Key>['input']>
) => Promise<Result<RouteAt<R, Key>['answers']>>;

export interface ClientOptions {
  /** An identity token whose audience is the function's URL. Private functions require one. */
  readonly token?: string | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Time limit for a request, including reading the answer; 30,000 by default. */
  readonly timeoutMs?: number;
}

interface AnyOptions {
  readonly path?: Values | undefined;
  readonly query?: Values | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** A route's path with the given values and query. */
export const targetOf = (
  path: string,
  { path: values = {}, query = {} }: Pick<AnyOptions, 'path' | 'query'>,
): string => {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name] ?? '')));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? filled : `${filled}?${search}`;
};

/** A problem for an answer without one, which comes from Google's front end or IAM. */
const foreignProblem = ({ status, statusText, headers }: Response, text: string): ProblemDocument => ({
  type: 'about:blank',
  title: statusText,
  status,
  detail: text,
  request_id: headers.get('x-request-id') ?? '',
});

const bodyOf = (response: Response, text: string): unknown => {
  const isJson = /^application\/(.*\+)?json\b/.test(response.headers.get('content-type') ?? '');
  if (!isJson && !response.ok) return foreignProblem(response, text);
  if (text === '') return undefined;
  return isJson ? JSON.parse(text) : text;
};

/** The request of a call, for callers that read the answer themselves. `text` is the body. */
export const requestOf = (
  base: string,
  key: string,
  { headers, signal, text, ...values }: Omit<AnyOptions, 'body'> & { readonly text?: string | undefined },
  { token, headers: always, timeoutMs = 30_000 }: ClientOptions = {},
): Request => {
  const [method = '', path = ''] = key.split(' ');
  const timeout = AbortSignal.timeout(timeoutMs);
  return new Request(new URL(targetOf(path, values), base), {
    method,
    headers: {
      accept: 'application/json',
      ...(text !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...always,
      ...headers,
    },
    body: text,
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  });
};

/** Sends a request and reads the answer, whatever its status. */
export const send = async (request: Request) => {
  const response = await fetch(request);
  const text = await response.text();
  const { ok, status, url, headers } = response;
  return { ok, status, url, headers, body: bodyOf(response, text), text };
};

/**
 * A client for the functions at `base`: all of them, or the one that is deployed there. Its calls reject with a TypeError
 * if they reach no server, and with a DOMException if they take too long.
 */
export function createClient<R extends Route>(base: string, options?: ClientOptions): Client<R>;
export function createClient(base: string, options?: ClientOptions): (...call: never) => Promise<unknown> {
  return (key: string, { body, ...parts }: AnyOptions = {}): Promise<unknown> =>
    send(requestOf(base, key, { ...parts, text: JSON.stringify(body) }, options));
}

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { Api } from '../../functions/manifest.ts';
import { type ClientOptions, createClient, requestOf, send } from '../../shared/client.ts';

/** The URL of a function, and what every request to it carries. */
export interface Target extends ClientOptions {
  readonly url: string;
}

export interface World {
  /** @throws Error when the function is not under test */
  readonly target: (name: string) => Target;
  /** The feed cannot be reached, so its errors are correct answers. */
  readonly hasNoFeed: boolean;
  /** The id of a user and an item that no other run uses. */
  readonly id: number;
  /** The name of a counter and a cache entry that no other run uses. */
  readonly name: string;
}

/** @throws Error when the function misbehaves */
export type Check = (world: World) => Promise<void>;

/** Long enough for a cold start and a whole refresh. */
const TIMEOUT_MS = 40_000;

const clientAt = ({ url, ...options }: Target) => createClient<Api>(url, { timeoutMs: TIMEOUT_MS, ...options });

/** A request that the typed client cannot make: to an unknown path, or for a stream. */
const requestTo = ({ url, ...options }: Target, key: string): Request =>
  requestOf(url, key, {}, { timeoutMs: TIMEOUT_MS, ...options });

/** @returns the response, narrowed to the wanted statuses @throws Error for any other status */
const expectStatus = <R extends { status: number; url: string; text: string }, Status extends number>(
  response: R,
  ...wanted: readonly Status[]
): R & { readonly status: Status } => {
  const isWanted = (each: R): each is R & { readonly status: Status } => wanted.some((one) => one === each.status);
  if (isWanted(response)) return response;
  const { url, status, text } = response;
  throw new Error(`${url} answered ${status}, expected ${wanted.join(' or ')}: ${text.slice(0, 300)}`);
};

const user = { name: 'Smoke Test', email: 'smoke@example.com', age: 42, city: 'London', height: 1.8, weight: 75 };

/** The purpose of each function. Later checks build on earlier ones. */
export const checks: Readonly<Record<string, Check>> = {
  'a user is written, read, changed and deleted': async ({ target, id }) => {
    const [write, read] = [clientAt(target('user-write')), clientAt(target('user-read'))];
    const path = { id };
    const { headers } = expectStatus(await write('PUT /users/{id}', { path, body: user }), 201);
    equal(headers.get('location'), `/users/${id}`);
    const { body } = expectStatus(await read('GET /users/{id}', { path }), 200);
    equal(body.email, user.email);
    expectStatus(await write('PATCH /users/{id}', { path, body: { age: 43 } }), 200);
    expectStatus(await write('DELETE /users/{id}', { path }), 204);
    expectStatus(await read('GET /users/{id}', { path }), 404);
  },
  'a counter counts, and counts once per Idempotency-Key': async ({ target, name }) => {
    const client = clientAt(target('counters'));
    const path = { name };
    const add = { path, body: { by: 2 }, headers: { 'idempotency-key': name } };
    expectStatus(await client('POST /counters/{name}', add), 200);
    expectStatus(await client('POST /counters/{name}', add), 200);
    const { body } = expectStatus(await client('GET /counters/{name}', { path }), 200);
    deepEqual(body, { name, value: 2 });
    expectStatus(await client('DELETE /counters/{name}', { path }), 204);
  },
  'a cache entry is set, incremented, read and deleted': async ({ target, name: key }) => {
    const client = clientAt(target('cache'));
    const path = { key };
    expectStatus(await client('PUT /cache/{key}', { path, body: { value: 1, ttl_seconds: 60 } }), 201);
    expectStatus(await client('POST /cache/{key}/increment', { path, body: { by: 4 } }), 200);
    const { body } = expectStatus(await client('GET /cache/{key}', { path }), 200);
    equal(body.value, 5);
    expectStatus(await client('DELETE /cache/{key}', { path }), 204);
    expectStatus(await client('GET /cache/{key}', { path }), 404);
  },
  'an item is created once, read and deleted': async ({ target, id }) => {
    const client = clientAt(target('items'));
    const path = { id };
    const item = { path, body: { name: 'Smoke', price: 1.5 } };
    expectStatus(await client('POST /items/{id}', item), 201);
    expectStatus(await client('POST /items/{id}', item), 409);
    const { body } = expectStatus(await client('GET /items/{id}', { path }), 200);
    equal(body.price, 1.5);
    expectStatus(await client('DELETE /items/{id}', { path }), 204);
  },
  'the feed is refreshed': async ({ target, hasNoFeed }) => {
    const response = await clientAt(target('refresh'))('POST /refresh');
    expectStatus(response, 200, 202, ...(hasNoFeed ? [502, 504] : []));
  },
  'the summary answers as JSON and as a page': async ({ target, hasNoFeed }) => {
    const client = clientAt(target('is-bitcoin-lit'));
    const wanted = hasNoFeed ? [200, 404] : [200];
    const { status, text } = expectStatus(await client('GET /is-bitcoin-lit'), ...wanted);
    if (status === 200) match(text, /"lit":(true|false)/);
    const page = await client('GET /is-bitcoin-lit', { headers: { accept: 'text/html' } });
    match(expectStatus(page, ...wanted).headers.get('content-type') ?? '', /^text\/html/);
  },
  'the event stream sends its first event at once': async ({ target }) => {
    const response = await fetch(requestTo(target('bitcoin-events'), 'GET /is-bitcoin-lit/events'));
    equal(response.status, 200);
    match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    const reader = response.body?.getReader();
    const first = await reader?.read();
    ok((first?.value?.length ?? 0) > 0, 'the event stream ended before its first event');
    await reader?.cancel();
  },
  'the index page, the API reference and the OpenAPI document answer': async ({ target }) => {
    const client = clientAt(target('docs'));
    const headers = { accept: 'text/html' };
    expectStatus(await client('GET /', { headers }), 200);
    expectStatus(await client('GET /docs', { headers }), 200);
    match(expectStatus(await client('GET /openapi.json'), 200).text, /"openapi":\s*"3\.1/);
  },
};

/** What every function must do. One that needs a token must also refuse callers without one. */
export const commonChecks = (name: string, target: Target): Readonly<Record<string, Check>> => ({
  [`${name} serves, reaches Redis, and answers an unknown path with a problem`]: async () => {
    const client = clientAt(target);
    expectStatus(await client('GET /health'), 200);
    expectStatus(await client('GET /ready'), 200);
    const { headers } = expectStatus(await send(requestTo(target, 'GET /no-such-path')), 404);
    equal(headers.get('content-type'), 'application/problem+json');
  },
  ...(target.token && {
    [`${name} refuses callers without a token`]: async () => {
      expectStatus(await clientAt({ ...target, token: undefined })('GET /health'), 401, 403);
    },
  }),
});

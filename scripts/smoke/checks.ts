import { deepStrictEqual, match, ok } from 'node:assert/strict';
import type { Api } from '../../functions/manifest.ts';
import { type Client, send } from '../../shared/client.ts';
import { clientAt, expectStatus, requestTo, type Target } from './smoke-client.ts';

export interface World {
  /** @throws Error when the function is not among those that are tried */
  readonly target: (name: string) => Target;
  /** A client of that function. */
  readonly at: (name: string) => Client<Api>;
  /** The feed is known to be out of reach: its problems are right answers. */
  readonly hasNoFeed: boolean;
  /** An id for a user and an item of this run alone. */
  readonly id: number;
  /** A name for a counter and a cache entry of this run alone. */
  readonly name: string;
}

export interface Check {
  /** The functions that it calls; left out when one of them is not there. */
  readonly needs: readonly string[];
  readonly run: (world: World) => Promise<void>;
}

const user = { name: 'Smoke Test', email: 'smoke@example.com', age: 42, city: 'London', height: 1.8, weight: 75 };

/** What each function is for. */
export const checks: Readonly<Record<string, Check>> = {
  'a user is written, read, changed and deleted': {
    needs: ['user-write', 'user-read'],
    run: async ({ at, id }) => {
      const [write, read] = [at('user-write'), at('user-read')];
      const path = { id };
      const { headers } = expectStatus(await write('PUT /users/{id}', { path, body: user }), 201);
      deepStrictEqual(headers.get('location'), `/users/${id}`);
      const { body } = expectStatus(await read('GET /users/{id}', { path }), 200);
      deepStrictEqual(body.email, user.email);
      expectStatus(await write('PATCH /users/{id}', { path, body: { age: 43 } }), 200);
      expectStatus(await write('DELETE /users/{id}', { path }), 204);
      expectStatus(await read('GET /users/{id}', { path }), 404);
    },
  },
  'a counter counts, and counts once for an Idempotency-Key': {
    needs: ['counters'],
    run: async ({ at, name }) => {
      const client = at('counters');
      const path = { name };
      const add = { path, body: { by: 2 }, headers: { 'idempotency-key': name } };
      expectStatus(await client('POST /counters/{name}', add), 200);
      expectStatus(await client('POST /counters/{name}', add), 200);
      const { body } = expectStatus(await client('GET /counters/{name}', { path }), 200);
      deepStrictEqual(body, { name, value: 2 });
      expectStatus(await client('DELETE /counters/{name}', { path }), 204);
    },
  },
  'a cache entry is set, incremented, read and deleted': {
    needs: ['cache'],
    run: async ({ at, name: key }) => {
      const client = at('cache');
      const path = { key };
      expectStatus(await client('PUT /cache/{key}', { path, body: { value: 1, ttl_seconds: 60 } }), 201);
      expectStatus(await client('POST /cache/{key}/increment', { path, body: { by: 4 } }), 200);
      const { body } = expectStatus(await client('GET /cache/{key}', { path }), 200);
      deepStrictEqual(body.value, 5);
      expectStatus(await client('DELETE /cache/{key}', { path }), 204);
      expectStatus(await client('GET /cache/{key}', { path }), 404);
    },
  },
  'an item is created once, read and deleted': {
    needs: ['items'],
    run: async ({ at, id }) => {
      const client = at('items');
      const path = { id };
      const item = { path, body: { name: 'Smoke', price: 1.5 } };
      expectStatus(await client('POST /items/{id}', item), 201);
      expectStatus(await client('POST /items/{id}', item), 409);
      const { body } = expectStatus(await client('GET /items/{id}', { path }), 200);
      deepStrictEqual(body.price, 1.5);
      expectStatus(await client('DELETE /items/{id}', { path }), 204);
    },
  },
  'the feed is refreshed': {
    needs: ['refresh'],
    run: async ({ at, hasNoFeed }) => {
      expectStatus(await at('refresh')('POST /refresh'), 200, 202, ...(hasNoFeed ? [502, 504] : []));
    },
  },
  'the summary answers, as JSON and as a page': {
    needs: ['is-bitcoin-lit'],
    run: async ({ at, hasNoFeed }) => {
      const client = at('is-bitcoin-lit');
      const wanted = hasNoFeed ? [200, 404] : [200];
      const { status, text } = expectStatus(await client('GET /is-bitcoin-lit'), ...wanted);
      if (status === 200) match(text, /"lit":(true|false)/);
      const page = await client('GET /is-bitcoin-lit', { headers: { accept: 'text/html' } });
      match(expectStatus(page, ...wanted).headers.get('content-type') ?? '', /^text\/html/);
    },
  },
  'the event stream begins at once': {
    needs: ['bitcoin-events'],
    run: async ({ target }) => {
      const answer = await fetch(requestTo(target('bitcoin-events'), 'GET /is-bitcoin-lit/events'));
      deepStrictEqual(answer.status, 200);
      match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
      const reader = answer.body?.getReader();
      const first = await reader?.read();
      ok((first?.value?.length ?? 0) > 0, 'the event stream ended before its first line');
      await reader?.cancel();
    },
  },
  'the index page, the API documentation and its document answer': {
    needs: ['docs'],
    run: async ({ at }) => {
      const client = at('docs');
      const headers = { accept: 'text/html' };
      expectStatus(await client('GET /', { headers }), 200);
      expectStatus(await client('GET /docs', { headers }), 200);
      match(expectStatus(await client('GET /openapi.json'), 200).text, /"openapi":\s*"3\.1/);
    },
  },
};

/** What every function must do. */
export const common = (name: string): Readonly<Record<string, Check>> => ({
  [`${name} serves, reaches Redis, and answers an unknown path with a problem`]: {
    needs: [name],
    run: async ({ at, target }) => {
      expectStatus(await at(name)('GET /health'), 200);
      expectStatus(await at(name)('GET /ready'), 200);
      const { headers } = expectStatus(await send(requestTo(target(name), 'GET /no-such-path')), 404);
      deepStrictEqual(headers.get('content-type'), 'application/problem+json');
    },
  },
});

/** A private function: Google must refuse a caller without a token. */
export const isClosed = (name: string): Readonly<Record<string, Check>> => ({
  [`${name} is closed to callers without a token`]: {
    needs: [name],
    run: async ({ target }) => {
      expectStatus(await clientAt({ ...target(name), token: undefined })('GET /health'), 401, 403);
    },
  },
});

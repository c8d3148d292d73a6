import { deepStrictEqual, match, ok } from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { call, requestTo, type Target } from './call.ts';

export interface World {
  /** @throws Error when the function is not among those that are tried */
  readonly at: (name: string) => Target;
  /** The feed is known to be out of reach: its problems are right answers. */
  readonly hasNoFeed: boolean;
  /** An id for a user and an item of this run alone. */
  readonly id: number;
  /** A name for a counter and a cache entry of this run alone. */
  readonly name: string;
}

/** Things to write that are far from the ids of real users and items, and different in each run. */
export const ownThings = () => {
  const id = 9_000_000_000_000_000 + randomInt(1_000_000_000);
  return { id, name: `smoke-${id}` };
};

export interface Check {
  readonly what: string;
  /** The functions that it calls; left out when one of them is not there. */
  readonly needs: readonly string[];
  readonly run: (world: World) => Promise<void>;
}

const user = { name: 'Smoke Test', email: 'smoke@example.com', age: 42, city: 'London', height: 1.8, weight: 75 };

const users: Check = {
  what: 'a user is written, read, changed and deleted',
  needs: ['user-write', 'user-read'],
  run: async ({ at, id }) => {
    const path = `/users/${id}`;
    const { headers } = await call(at('user-write'), 'PUT', path, 201, { body: user });
    deepStrictEqual(headers.get('location'), path);
    const { json } = await call(at('user-read'), 'GET', path, 200);
    ok(JSON.stringify(json).includes('"smoke@example.com"'), 'the user that was read is not the one that was written');
    await call(at('user-write'), 'PATCH', path, 200, { body: { age: 43 } });
    await call(at('user-write'), 'DELETE', path, 204);
    await call(at('user-read'), 'GET', path, 404);
  },
};

const counters: Check = {
  what: 'a counter counts, and counts once for an Idempotency-Key',
  needs: ['counters'],
  run: async ({ at, name }) => {
    const path = `/counters/${name}`;
    const add = { body: { by: 2 }, headers: { 'idempotency-key': name } };
    await call(at('counters'), 'POST', path, 200, add);
    await call(at('counters'), 'POST', path, 200, add);
    const { json } = await call(at('counters'), 'GET', path, 200);
    deepStrictEqual(json, { name, value: 2 });
    await call(at('counters'), 'DELETE', path, 204);
  },
};

const cache: Check = {
  what: 'a cache entry is set, incremented, read and deleted',
  needs: ['cache'],
  run: async ({ at, name }) => {
    const path = `/cache/${name}`;
    await call(at('cache'), 'PUT', path, [200, 201, 204], { body: { value: 1, ttl_seconds: 60 } });
    await call(at('cache'), 'POST', `${path}/increment`, 200, { body: { by: 4 } });
    const { text } = await call(at('cache'), 'GET', path, 200);
    match(text, /"value":5\b/);
    await call(at('cache'), 'DELETE', path, 204);
    await call(at('cache'), 'GET', path, 404);
  },
};

const items: Check = {
  what: 'an item is created once, read and deleted',
  needs: ['items'],
  run: async ({ at, id }) => {
    const path = `/items/${id}`;
    const item = { body: { name: 'Smoke', price: 1.5 } };
    await call(at('items'), 'POST', path, 201, item);
    await call(at('items'), 'POST', path, 409, item);
    match((await call(at('items'), 'GET', path, 200)).text, /"price":1\.5\b/);
    await call(at('items'), 'DELETE', path, 204);
  },
};

const refresh: Check = {
  what: 'the feed is refreshed',
  needs: ['refresh'],
  run: async ({ at, hasNoFeed }) => {
    await call(at('refresh'), 'POST', '/refresh', hasNoFeed ? [200, 202, 502, 504] : [200, 202]);
  },
};

const summary: Check = {
  what: 'the summary answers, as JSON and as a page',
  needs: ['is-bitcoin-lit'],
  run: async ({ at, hasNoFeed }) => {
    const wanted = hasNoFeed ? [200, 404] : 200;
    const { status, text } = await call(at('is-bitcoin-lit'), 'GET', '/is-bitcoin-lit', wanted);
    if (status === 200) match(text, /"lit":(true|false)/);
    const page = await call(at('is-bitcoin-lit'), 'GET', '/is-bitcoin-lit', wanted, {
      headers: { accept: 'text/html' },
    });
    match(page.headers.get('content-type') ?? '', /^text\/html/);
  },
};

const events: Check = {
  what: 'the event stream begins at once',
  needs: ['bitcoin-events'],
  run: async ({ at }) => {
    const answer = await requestTo(at('bitcoin-events'), 'GET', '/is-bitcoin-lit/events');
    deepStrictEqual(answer.status, 200);
    match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    ok((first?.value?.length ?? 0) > 0, 'the event stream ended before its first line');
    await reader?.cancel();
  },
};

const docs: Check = {
  what: 'the index page, the API documentation and its document answer',
  needs: ['docs'],
  run: async ({ at }) => {
    for (const path of ['/', '/docs']) await call(at('docs'), 'GET', path, 200, { headers: { accept: 'text/html' } });
    match((await call(at('docs'), 'GET', '/openapi.json', 200)).text, /"openapi":\s*"3\.1/);
  },
};

/** What every function must do. */
export const common = (name: string): readonly Check[] => [
  {
    what: `${name} serves, reaches Redis, and answers an unknown path with a problem`,
    needs: [name],
    run: async ({ at }) => {
      await call(at(name), 'GET', '/health', 200);
      await call(at(name), 'GET', '/ready', 200);
      const { headers } = await call(at(name), 'GET', '/no-such-path', 404);
      deepStrictEqual(headers.get('content-type'), 'application/problem+json');
    },
  },
];

/** A private function: Google must refuse a caller without a token. */
export const isClosed = (name: string): Check => ({
  what: `${name} is closed to callers without a token`,
  needs: [name],
  run: async ({ at }) => {
    await call(at(name), 'GET', '/health', [401, 403], { isAnonymous: true });
  },
});

/** What each function is for. */
export const checks: readonly Check[] = [users, counters, cache, items, refresh, summary, events, docs];

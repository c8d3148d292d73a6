import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../../local/framework-process.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';
import { afterResponses, dialRaw, sendRaw, statusesIn } from '../raw-client.ts';
import { rawJunk } from '../raw-junk.ts';
import { foreignKeys } from './stored-keys.ts';

const PASSWORD = 'a-password-of-the-hostile';
const ADMIN_PASSWORD = 'an-administrator-of-the-hostile';
const MAX_SILENCE_MS = 5_000;
const SILENCE = new Error(`The server sent nothing for ${MAX_SILENCE_MS} ms and did not close the connection.`);

let server: RedisServer;
let api: FrameworkProcess;

beforeAll(async () => {
  server = await startRedis({ password: PASSWORD, adminPassword: ADMIN_PASSWORD });
  const env = {
    REDIS_URL: server.url,
    TRUSTED_PROXY_HOPS: '1',
    RATE_LIMIT_PER_MINUTE: '300',
    // These tests do not measure speed.
    REDIS_TIMEOUT_MS: '5000',
    REDIS_CONNECT_TIMEOUT_MS: '5000',
  };
  api = await startFramework('api', { env });
});
afterAll(async () => {
  await api.stop();
  await server.stop();
});

const json = (value: unknown): RequestInit => ({
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  body: typeof value === 'string' ? value : JSON.stringify(value),
});
const user = { name: 'Paul', email: 'paul@example.com', age: 42, city: 'London', height: 1, weight: 1 };

describe('a hostile request', () => {
  const refused: readonly [what: string, path: string, init: RequestInit, status: number][] = [
    ['__proto__ as a field', '/users/1', json('{"__proto__":{"age":1}}'), 400],
    ['constructor as a field', '/users/1', json({ ...user, constructor: 1 }), 400],
    ['__proto__ beside good fields', '/users/1', json(`{"__proto__":1,${JSON.stringify(user).slice(1)}`), 400],
    ['an array 100,000 deep', '/users/1', json('['.repeat(100_000) + ']'.repeat(100_000)), 400],
    ['an object 100,000 deep', '/users/1', json(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`), 400],
    ['an id as 1e3', '/users/1e3', {}, 400],
    ['an id as 0x1', '/users/0x1', {}, 400],
    ['an id as 1.0', '/users/1.0', {}, 400],
    ['an id with a plus', '/users/+1', {}, 400],
    ['an id with a leading zero', '/users/01', {}, 400],
    ['an id past 2^53', '/users/9007199254740993', {}, 400],
    ['an id in Arabic digits', `/users/${encodeURIComponent('١')}`, {}, 400],
    ['a NUL in a name', '/counters/a%00b', {}, 400],
    ['CR LF in a name', '/counters/a%0d%0aset%20x', {}, 400],
    ['a hash tag in a name', '/counters/%7Busers:1%7D', {}, 400],
    ['a glob in a name', '/counters/*', {}, 400],
    ['an overlong encoding', '/counters/%c0%ae', {}, 400],
    ['a name of 129 characters', `/counters/${'x'.repeat(129)}`, {}, 400],
    ['another path in a name', '/counters/..%2fusers%2f1', {}, 400],
    ['a counter of calls', '/counters/calls:user-read', json({ value: 1 }), 409],
    ['an Idempotency-Key with a space', '/counters/a', { method: 'POST', headers: { 'idempotency-key': 'a b' } }, 400],
    ['a number too large for a double', '/counters/a', json('{"value":1e400}'), 400],
    ['a cache key with a space', '/cache/a%20b', json({ value: 1 }), 400],
    ['half a surrogate pair as a cache key', '/cache/%ED%A0%80', json({ value: 1 }), 400],
    ['a repeated limit', '/users?limit=1&limit=2', {}, 400],
    ['__proto__ in the query', '/users?__proto__[limit]=1', {}, 400],
  ];
  it.each(refused)('with %s is refused without revealing internals', async (_what, path, init, status) => {
    const response = await fetch(api.url + path, init);
    const text = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(text).not.toMatch(/node_modules|\.ts\b|at [A-Z]\w+\.|ERR_|zod|Lua|redis:\/\//i);
  });

  it('with a cache value nested 100,000 deep is stored or refused, but is never a 5xx', async () => {
    const deep = `{"value":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const stored = await fetch(`${api.url}/cache/deep`, json(deep));
    const read = await fetch(`${api.url}/cache/deep`);
    expect([200, 201, 400]).toContain(stored.status);
    expect([200, 404]).toContain(read.status);
  });

  it("whose cache key looks like another function's key reaches only cache entries", async () => {
    await fetch(`${api.url}/users/77`, json(user));
    // KEYS has no order, hence the set.
    const usersKeys = async () => new Set([await server.admin('KEYS', '{users:*')].flat());
    const before = await usersKeys();
    for (const key of [
      '{users:1}:77',
      '../users/77',
      'users',
      '*',
      '{',
      '}',
      '%7Busers:1%7D',
      '{samples:senticrypt}:kept-summary',
    ]) {
      await fetch(`${api.url}/cache/${encodeURIComponent(key)}`, json({ value: 'mine' }));
      await fetch(`${api.url}/cache/${encodeURIComponent(key)}`, { method: 'DELETE' });
    }
    expect(await usersKeys()).toEqual(before);
    expect((await fetch(`${api.url}/users/77`)).status).toBe(200);
  });

  it('cannot reuse an Idempotency-Key across counters', async () => {
    const post = (name: string, key: string) =>
      fetch(`${api.url}/counters/${name}`, { method: 'POST', headers: { 'idempotency-key': key } }).then((r) =>
        r.json(),
      );
    expect(await post('first', '#second#x')).toEqual({ name: 'first', value: 1 });
    expect(await post('second', 'x')).toEqual({ name: 'second', value: 1 });
    expect(await post('first', '#second#x')).toEqual({ name: 'first', value: 1 });
    expect(await post('first', 'x')).toEqual({ name: 'first', value: 2 });
  });

  it('cannot meet If-Match with a tag that merely contains the right one', async () => {
    await fetch(`${api.url}/users/78`, json(user));
    const tag = (await fetch(`${api.url}/users/78`)).headers.get('etag') ?? '';
    const bare = tag.replaceAll('"', '');
    for (const condition of [`"x${bare}"`, `"${bare}x"`, bare, `W/${tag}`, '""', 'present', 'absent']) {
      const init = json({ ...user, age: 1 });
      const response = await fetch(`${api.url}/users/78`, {
        ...init,
        headers: { ...init.headers, 'if-match': condition },
      });
      expect([condition, response.status]).toEqual([condition, 412]);
    }
  });

  it('with a gzip bomb is answered 413', async () => {
    const body = gzipSync(Buffer.alloc(100_000_000, ' '));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const response = await fetch(`${api.url}/users/1`, { method: 'PUT', headers, body });
    expect(response.status).toBe(413);
  });

  const head = 'host: a\r\nconnection: close\r\n';
  const put = `PUT /users/79 HTTP/1.1\r\n${head}content-type: application/json\r\n`;
  const wire: readonly [what: string, text: string, status: number][] = [
    ['two content lengths', `${put}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 400],
    ['a content length and chunks', `${put}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a content length that is not a number', `${put}content-length: 0x2\r\n\r\n{}`, 400],
    ['two transfer codings', `${put}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 400],
    ['a header that ends in LF only', `GET /health HTTP/1.1\nhost: a\nx: y\n\n`, 400],
    ['a header folded over two lines', `GET /health HTTP/1.1\r\n${head}x: a\r\n b\r\n\r\n`, 400],
    ['no host', 'GET /health HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['headers of 1 MB', `GET /health HTTP/1.1\r\n${head}x: ${'y'.repeat(1_000_000)}\r\n\r\n`, 400],
    ['a header of 8 KB', `GET /health HTTP/1.1\r\n${head}x: ${'y'.repeat(8_000)}\r\n\r\n`, 200],
    ['an absolute URL', `GET http://evil.example/users/1 HTTP/1.1\r\n${head}\r\n`, 404],
  ];
  it.each(wire)('with %s gets exactly one response', async (_what, text, status) => {
    const answer = await sendRaw(api.url, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
  });

  it('cannot smuggle a second request in its body', async () => {
    await sendRaw(
      api.url,
      `GET /health HTTP/1.1\r\n${head}content-length: 38\r\n\r\nDELETE /users/77 HTTP/1.1\r\nhost: a\r\n\r\n`,
    );
    expect((await fetch(`${api.url}/users/77`)).status).toBe(200);
  });

  it('cannot choose its request id without a valid trace, nor inject log lines', async () => {
    const forged = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},{"severity":"ALERT';
    const response = await fetch(`${api.url}/users/1e3`, { headers: { traceparent: forged, 'x-request-id': 'mine' } });
    expect(response.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    expect(api.output()).not.toContain('ALERT');
  });

  it('is rate-limited whatever its X-Forwarded-For claims', async () => {
    const call = (forged: string) =>
      fetch(`${api.url}/is-bitcoin-lit/history`, { headers: { 'x-forwarded-for': `${forged}, 203.0.113.9` } });
    const statuses = await Promise.all(
      Array.from({ length: 600 }, (_, at) => call(`{users:${at}}*\t10.0.0.${at}`).then((r) => r.status)),
    );
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(300);
    expect(statuses.every((status) => status === 404 || status === 429)).toBe(true);
  });

  it('that claims to come from the scheduler gets no privileges', async () => {
    const response = await fetch(`${api.url}/counters/calls:user-read`, {
      ...json({ value: 1 }),
      headers: { 'content-type': 'application/json', 'x-cloudscheduler': 'true', 'x-appengine-cron': 'true' },
    });
    expect(response.status).toBe(409);
  });
});

describe('raw bytes on a connection', () => {
  const PUT = 'PUT /counters/raw HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';
  const WRITE = `${PUT}content-length: 11\r\n\r\n{"value":1}`;
  const CLOSING_WRITE = WRITE.replace('host: a', 'host: a\r\nconnection: close');
  const EVENTS = 'GET /is-bitcoin-lit/events HTTP/1.1\r\nhost: a\r\n\r\n';
  /** What is sent first, the statuses it gets, and whether those arrive before or after the junk is sent. */
  const states: readonly [when: string, first: string, own: number[], comes: 'before' | 'after'][] = [
    ['new', '', [], 'before'],
    ['kept alive', 'GET /health HTTP/1.1\r\nhost: a\r\n\r\n', [200], 'before'],
    ['about to close', 'GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', [200], 'before'],
    ['with an event stream', EVENTS, [200], 'before'],
    ['with a write under way', WRITE, [200], 'after'],
    ['with two writes under way', WRITE + WRITE, [200, 200], 'after'],
    ['with its last write under way', CLOSING_WRITE, [200], 'after'],
    ['in the middle of a body', `${PUT}content-length: 11\r\n\r\n{`, [400], 'after'],
    ['in the middle of chunks', `${PUT}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`, [400], 'after'],
    ['whose body is awaited', `${PUT}expect: 100-continue\r\ncontent-length: 11\r\n\r\n`, [100, 400], 'after'],
    ['that was answered early', `${PUT}content-length: 9000000\r\n\r\n{`, [413], 'before'],
  ];
  /** Not part of any request, and longer than the rest of any body. Otherwise a half request would wait 30 seconds. */
  const NEVER_PART = 'ZZ\r\n\r\nZZ\r\n\r\n';
  let streams = 0;

  it.each(states)(
    '%s leave its response intact, add at most a 400, and close the connection',
    async (_, first, own, comes) => {
      const answered = new RegExp(`(HTTP/1\\.1 \\d{3} [\\s\\S]*){${own.length}}`);
      const property = fc.asyncProperty(rawJunk, async (junk) => {
        const client = await dialRaw(api.url);
        client.socket.setTimeout(MAX_SILENCE_MS, () => client.socket.destroy(SILENCE));
        // Keeps the write in flight until the junk has arrived.
        if (comes === 'after') await server.admin('CLIENT', 'PAUSE', '60000', 'WRITE');
        // One client may open only a few streams.
        client.send(first.replace('host: a', `host: a\r\nx-forwarded-for: 198.51.100.${streams++ % 250}`));
        if (comes === 'before') await client.until(answered);
        for (const piece of [...junk, NEVER_PART]) client.send(piece);
        // OPTIONS needs no Redis. Its answer shows that the server has read the junk.
        await fetch(api.url, { method: 'OPTIONS' });
        if (comes === 'after') {
          await server.admin('CLIENT', 'UNPAUSE');
          await client.until(answered);
        }
        if (first === EVENTS) {
          client.socket.destroy();
          expect(statusesIn(await client.closed)).toEqual(own);
          return;
        }
        // Otherwise the server would wait 30 seconds for the rest of a body that it answered early.
        client.socket.end();
        const received = await client.closed;
        const statuses = statusesIn(received);
        expect(statuses.slice(0, own.length)).toEqual(own);
        expect([[], [400]]).toContainEqual(statuses.slice(own.length));
        expect(afterResponses(received)).toBe('');
        expect(client.socket.errored).not.toBe(SILENCE);
      });
      await fc.assert(property, { numRuns: 20 });
    },
  );
});

describe('after all of these', () => {
  it('the same process still serves', async () => {
    expect((await fetch(`${api.url}/ready`)).status).toBe(200);
    expect(api.child.exitCode).toBeNull();
  });

  it('Redis holds only keys that a function owns', async () => {
    expect(foreignKeys(await server.admin('KEYS', '*'))).toEqual([]);
  });

  it('the output holds no password, stack trace or user data', () => {
    expect(api.output()).not.toContain(PASSWORD);
    expect(api.output()).not.toContain(ADMIN_PASSWORD);
    expect(api.output()).not.toMatch(/stack_trace|SyntaxError|paul@example\.com/);
  });
});

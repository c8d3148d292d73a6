import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../scripts/local/framework-process.ts';
import { expectLoudFailure } from '../scripts/testing/broken-seam.ts';
import { sendRaw } from '../scripts/testing/raw-client.ts';

const put = (body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}): RequestInit => ({
  method: 'PUT',
  headers: { 'content-type': 'application/json', ...headers },
  body,
});
const TOO_LARGE = `"${'x'.repeat(1_114_112)}"`;
const bad: readonly [what: string, status: number, code: string, path: string, init: RequestInit][] = [
  ['malformed JSON', 400, 'malformed-json', '/users/1', put('{"name": ')],
  ['a body that is not UTF-8', 400, 'malformed-json', '/users/1', put(Buffer.from([0x22, 0xff, 0x22]))],
  ['a wrong content type', 415, 'unsupported-media-type', '/users/1', put('{}', { 'content-type': 'text/plain' })],
  [
    'a wrong charset',
    415,
    'unsupported-media-type',
    '/users/1',
    put('{}', { 'content-type': 'application/json; charset=latin1' }),
  ],
  ['a body over 1 MiB and 64 KiB', 413, 'payload-too-large', '/users/1', put(TOO_LARGE)],
  [
    'a body over 1 MiB and 64 KiB hidden by gzip',
    413,
    'payload-too-large',
    '/users/1',
    put(gzipSync(TOO_LARGE), { 'content-encoding': 'gzip' }),
  ],
  ['an unknown encoding', 415, 'unsupported-media-type', '/users/1', put('{}', { 'content-encoding': 'zstd' })],
  ['a JSON primitive', 400, 'invalid-request', '/users/1', put('3')],
  ['an unknown field', 400, 'invalid-request', '/counters/a', put('{"value":1,"extra":1}')],
  ['a string instead of a number', 400, 'invalid-request', '/counters/a', put('{"value":"1"}')],
  ['a negative id', 400, 'invalid-request', '/users/-1', {}],
  ['an id with an exponent', 400, 'invalid-request', '/users/1e3', {}],
  ['an id past 2^53', 400, 'invalid-request', '/users/9007199254740993', {}],
  ['a broken percent-encoding', 400, 'invalid-request', '/users/%', {}],
  ['an unknown path', 404, 'not-found', '/nowhere', {}],
  ['a path that the framework reserves', 404, 'not-found', '/favicon.ico', {}],
  ['a wrong method', 405, 'method-not-allowed', '/users/1', { method: 'POST' }],
];

describe('the kernel in place of Express', () => {
  let api: FrameworkProcess;
  beforeAll(async () => {
    api = await startFramework('api');
  });
  afterAll(async () => {
    expect(await api.stop()).toBe(0);
  });

  it.each(bad)('answers %s with %i %s', async (_what, status, code, path, init) => {
    const response = await fetch(api.url + path, init);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-request-id')).toMatch(/\S/);
    expect(await response.json()).toMatchObject({
      status,
      type: `/problems/${code}`,
    });
  });

  it('logs no body, no stack trace and no HTML', () => {
    expect(api.output()).not.toMatch(/SyntaxError|<html|x{100}/);
  });

  it('gives HEAD the headers of GET and no body', async () => {
    const get = await fetch(`${api.url}/health`);
    const head = await fetch(`${api.url}/health`, { method: 'HEAD' });
    expect(await head.text()).toBe('');
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
  });

  it('lists the allowed methods on OPTIONS and on a 405', async () => {
    const options = await fetch(`${api.url}/users`, { method: 'OPTIONS' });
    const refused = await fetch(`${api.url}/users`, { method: 'DELETE' });
    expect([options.status, refused.status]).toEqual([204, 405]);
    expect(options.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    expect(refused.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  it('accepts an absolute URL as target, and ignores an unknown expectation', async () => {
    const head = 'GET http://other.example/health HTTP/1.1\r\nhost: a\r\nexpect: cookies\r\nconnection: close\r\n\r\n';
    expect(await sendRaw(api.url, head)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('survives clients that ask for a tunnel and leave without reading the answer', async () => {
    for (let each = 0; each < 20; each += 1) {
      const socket = net.connect(Number(new URL(api.url).port), '127.0.0.1');
      socket.write('CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n');
      await once(socket, 'readable');
      socket.resetAndDestroy();
    }
    const { status } = await fetch(`${api.url}/health`);
    expect([status, api.child.exitCode]).toEqual([200, null]);
  });

  it("uses the caller's trace id as the request id", async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const response = await fetch(`${api.url}/health`, { headers: { traceparent } });
    expect(response.headers.get('x-request-id')).toBe('0af7651916cd43dd8448eb211c80319c');
  });
});

/** A --source that opens its own servers before the framework opens one. */
const WITH_OWN_SERVERS = `
import http, { createServer } from 'node:http';
import '${new URL('./index.ts', import.meta.url)}';
const own = [
  http.createServer((_, response) => response.end('own 0')),
  createServer((_, response) => response.end('own 1')),
  http.createServer({ keepAlive: true }, (_, response) => response.end('own 2')),
  http.createServer().on('request', (_, response) => response.end('own 3')),
];
for (const server of own) server.listen(0, '127.0.0.1', () => console.log('own', server.address().port, '.'));
`;

describe('the seam with the framework', () => {
  it('does not touch servers that were opened before the framework', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'own-servers-'));
    writeFileSync(join(folder, 'index.mjs'), WITH_OWN_SERVERS);
    const api = await startFramework('api', { source: join(folder, 'index.mjs') });
    const ports = () => [...api.output().matchAll(/own (\d+) \./g)].map(([, port]) => port);
    await expect.poll(ports).toHaveLength(4);
    const own = await Promise.all(ports().map(async (port) => (await fetch(`http://127.0.0.1:${port}`)).text()));
    const health = await fetch(`${api.url}/health`);
    await api.stop();
    rmSync(folder, { recursive: true });
    expect(own.sort()).toEqual(['own 0', 'own 1', 'own 2', 'own 3']);
    expect(health.status).toBe(200);
  });

  it('fails every request, and logs why once, when the kernel cannot replace the server', () =>
    expectLoudFailure('functions/index.ts'));
});

describe('a fresh process', () => {
  const first: readonly [what: string, text: string, code: string][] = [
    [
      'malformed JSON',
      'PUT /users/1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n{',
      'malformed-json',
    ],
    ['a broken path', 'GET /users/% HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 'invalid-request'],
    ['bytes that are not HTTP', 'HELLO\r\n\r\n', 'invalid-request'],
    ['no Host header', 'GET /users HTTP/1.1\r\nconnection: close\r\n\r\n', 'invalid-request'],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n', 'invalid-request'],
    ['headers of 20 KB', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 'invalid-request'],
  ];
  it.each(first)('answers %s as its very first request', async (_what, text, code) => {
    const api = await startFramework('api');
    const answer = await sendRaw(api.url, text);
    await api.stop();
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('content-type: application/problem+json');
    expect(answer).toContain(`/problems/${code}`);
  });

  it.each([
    ['api', { REDIS_TIMEOUT_MS: 'soon' }, 'REDIS_TIMEOUT_MS is "soon"; it must be an integer from 1 to 60000'],
    ['api', { REDIS_URL: 'redis://:50%zz@h' }, 'REDIS_URL is a value not shown here; it must be redis://USER'],
    ['api', { REDISHOST: 'default:hunter2@10.0.0.3' }, 'REDISHOST is a value not shown here; it must be a host name'],
    [
      'api',
      { SENTICRYPT_URL: 'http://me:hunter2@h' },
      'SENTICRYPT_URL is a value not shown here; it must be an http://',
    ],
    ['user', {}, 'FUNCTION_TARGET is "user"; it must be one of api, user-read, '],
  ])('exits with one line that names the wrong setting of %s: %o', async (target, env, line) => {
    const error = await startFramework(target, { env }).catch(({ message }: Error) => message);
    expect(error).toContain(line);
    expect(error).not.toMatch(/\n|hunter2/);
  });
});

describe('at SIGTERM', () => {
  it('answers all 200 requests in flight and exits with status 0, even after more signals', async () => {
    const api = await startFramework('api');
    const agent = new http.Agent({ keepAlive: true, maxSockets: 200 });
    const post = () => {
      const request = http.request(`${api.url}/counters/drained`, { method: 'POST', agent });
      const status = new Promise<number | undefined>((resolve, reject) => {
        request.once('error', reject).once('response', (response) => {
          response.resume().once('end', () => resolve(response.statusCode));
        });
      });
      const sent = once(request, 'finish');
      request.end();
      return { sent, status };
    };
    const inFlight = Array.from({ length: 200 }, post);
    await Promise.all(inFlight.map(({ sent }) => sent));
    const exit = api.stop('SIGTERM');
    api.child.kill('SIGINT');
    const statuses = await Promise.all(inFlight.map(({ status }) => status));
    agent.destroy();
    expect(statuses.filter((status) => status === 200)).toHaveLength(200);
    expect(await exit).toBe(0);
  });

  it('resets no pending connection while many clients keep connecting', async () => {
    const api = await startFramework('api', { env: { RATE_LIMIT_PER_MINUTE: '0' } });
    const outcomes: unknown[] = [];
    const call = () =>
      new Promise<void>((resolve) => {
        const note = (outcome: unknown) => {
          outcomes.push(outcome);
          resolve();
        };
        const request = http.request(`${api.url}/counters/dialled`, { method: 'POST', agent: false }, (response) => {
          response.resume();
          response.once('end', () => note(response.statusCode));
        });
        request.once('error', (error: NodeJS.ErrnoException) => note(error.code));
        request.end();
      });
    const client = async () => {
      while (!outcomes.includes('ECONNREFUSED')) await call();
    };
    const clients = Promise.all(Array.from({ length: 150 }, client));
    await expect.poll(() => outcomes.length).toBeGreaterThan(300);
    expect(await api.stop()).toBe(0);
    await clients;
    expect(new Set(outcomes)).toEqual(new Set([200, 'ECONNREFUSED']));
  });
});

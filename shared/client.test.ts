import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '../functions/manifest.ts';
import { manifest } from '../functions/manifest.ts';
import { listenOnFreePort } from '../scripts/local/free-port.ts';
import { emptyRedis, type Served, startServe } from '../scripts/testing/served.ts';
import { createClient } from './client.ts';

const paul = { name: 'Paul John', email: 'paul.john@example.com', age: 42, city: 'London', height: 0, weight: 0 };

describe('a client', () => {
  let served: Served;
  beforeAll(async () => {
    served = await startServe(manifest);
  });
  beforeEach(emptyRedis);
  afterAll(() => served.stop());

  it('writes and reads a user, and types the body by its status', async () => {
    const client = createClient<Api>(served.url);
    const created = await client('PUT /users/{id}', { path: { id: 4 }, body: { ...paul, gender: 'True' } });
    const read = await client('GET /users/{id}', { path: { id: 4 } });
    expect([created.status, created.headers.get('location')]).toEqual([201, '/users/4']);
    expect(read.status === 200 && read.body.gender).toBe(true);
  });

  it('returns the problem of a call that fails', async () => {
    const missing = await createClient<Api>(served.url)('GET /users/{id}', { path: { id: 404 } });
    expect(missing.ok ? undefined : missing.body).toMatchObject({ type: '/problems/not-found', status: 404 });
  });

  it('sends query and headers, and escapes the path', async () => {
    const client = createClient<Api>(served.url);
    const path = { key: 'a/b?c' };
    const first = await client('PUT /cache/{key}', { path, body: { value: 1 }, headers: { 'if-none-match': '*' } });
    const again = await client('PUT /cache/{key}', { path, body: { value: 1 }, headers: { 'if-none-match': '*' } });
    const listed = await client('GET /cache', { query: { prefix: 'a/', limit: 5 } });
    expect([first.status, again.status]).toEqual([201, 412]);
    expect(listed.ok && listed.body.keys).toEqual(['a/b?c']);
    expect(await client('DELETE /cache/{key}', { path })).toMatchObject({ status: 204, body: undefined });
  });
});

it('a client sends its token, and turns a refusal that is not JSON into a problem', async () => {
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization);
    response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>Forbidden</h1>');
  });
  const port = await listenOnFreePort(server);
  const refused = await createClient<Api>(`http://127.0.0.1:${port}`, { token: 'abc' })('GET /items');
  server.close();
  expect(tokens).toEqual(['Bearer abc']);
  expect(refused).toMatchObject({
    ok: false,
    status: 403,
    body: { type: 'about:blank', detail: '<h1>Forbidden</h1>' },
  });
});

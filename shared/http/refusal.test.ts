import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sendRaw } from '../../scripts/testing/raw-client.ts';
import { type Served, startServe } from '../../scripts/testing/served.ts';
import { Problem } from '../problems/problem.ts';
import { noContent } from './answer.ts';
import { defineFunction } from './function.ts';
import { route } from './route.ts';

let served: Served;
beforeAll(async () => {
  const answers = { 204: { description: 'Done.' } };
  const away = route({
    method: 'GET',
    path: '/away',
    summary: 'Is away',
    answers,
    problems: ['redis-unavailable'],
    handle: () => {
      throw new Problem('redis-unavailable', 'Redis <b>rests</b>.', { retryAfterSeconds: 3 });
    },
  });
  const post = route({ method: 'POST', path: '/away', summary: 'Is away', answers, handle: () => noContent() });
  served = await startServe([
    defineFunction({ name: 'away', summary: 'Away', access: 'public', limited: false, routes: [away, post] }),
  ]);
});
afterAll(() => served.stop());

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

describe('a problem, for a client that prefers HTML', () => {
  it('is a page with the same status, links, and a retry when Retry-After says so', async () => {
    const response = await fetch(`${served.url}/away`, { headers: browser });
    const page = await response.text();
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '3']);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('vary')).toBe('Accept');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-security-policy')).toContain("script-src 'sha256-");
    expect(page).toContain('Redis &#60;b&#62;rests&#60;/b&#62;.');
    expect(page).toContain('data-retry="3"');
    expect(page).toContain('href="/"');
    expect(page).toContain('href="/docs"');
    expect(page).toContain(response.headers.get('x-request-id'));
  });

  it('retries nothing that another try would not change', async () => {
    const response = await fetch(`${served.url}/nowhere`, { headers: browser });
    const page = await response.text();
    expect(response.status).toBe(404);
    expect(page).not.toMatch(/<script|data-retry/);
  });

  it.each(['application/json', '*/*', 'text/html;q=0.1, */*'])('stays JSON for %s', async (accept) => {
    const response = await fetch(`${served.url}/nowhere`, { headers: { accept } });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('vary')).toBe('Accept');
  });
});

describe('the page of a kind of problem', () => {
  it('links to the index and to the reference', async () => {
    const page = await (await fetch(`${served.url}/problems/not-found`, { headers: browser })).text();
    expect(page).toContain('href="/"');
    expect(page).toContain('href="/docs"');
  });
});

describe('a request', () => {
  const hosts: readonly [what: string, lines: string, status: number][] = [
    ['two Host lines', 'host: a\r\nhost: b\r\n', 400],
    ['the same Host twice', 'host: a\r\nHOST: a\r\n', 400],
    ['an empty Host', 'host:\r\n', 400],
    ['a Host with a path', 'host: a/b\r\n', 400],
    ['a Host with a user', 'host: me@a\r\n', 400],
    ['a Host of two names', 'host: a, b\r\n', 400],
    ['a port that is no number', 'host: a:x\r\n', 400],
    ['no Host', '', 400],
    ['a name and a port', 'host: a-b.example:8080\r\n', 200],
    ['an IPv6 address and a port', 'host: [::1]:8080\r\n', 200],
  ];
  it.each(hosts)('with %s', async (_what, lines, status) => {
    const answer = await sendRaw(served.url, `GET /health HTTP/1.1\r\n${lines}connection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('for the options of the whole server names every method', async () => {
    const answer = await sendRaw(served.url, 'OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 204 /);
    expect(answer).toMatch(/allow: GET, POST, HEAD, OPTIONS/i);
  });
});

describe('an error that no one expected', () => {
  const detailIn = async (env: Readonly<Record<string, string>>): Promise<string> => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    vi.resetModules();
    const { answerFailure } = await import('./kernel.ts');
    const request = Object.assign(new IncomingMessage(new Socket()), { headers: {}, method: 'GET' });
    const { body } = await answerFailure(new TypeError('a price is missing'), request, { requestId: 'r' });
    return JSON.parse(String(body)).detail;
  };

  it('tells a client nothing of it', async () => {
    expect(await detailIn({})).not.toContain('price');
  });

  it("is shown with its stack on a developer's machine, and never on Cloud Run", async () => {
    expect(await detailIn({ DEVELOPMENT: 'true' })).toMatch(/^TypeError: a price is missing\n +at .*refusal\.test\.ts/);
    expect(await detailIn({ DEVELOPMENT: 'true', K_SERVICE: 'fault' })).not.toContain('price');
  });
});

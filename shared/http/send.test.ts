import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import type { Served } from '../../scripts/testing/served.ts';

/* Settings are read once in a process, so each set of them gets fresh modules. */

let served: Served;

const serveWith = async (origins: string) => {
  vi.resetModules();
  vi.stubEnv('CORS_ORIGINS', origins);
  const { startServe } = await import('../../scripts/testing/served.ts');
  const { route } = await import('./route.ts');
  const { defineFunction } = await import('./function.ts');
  const { ok } = await import('./answer.ts');
  const read = route({
    method: 'GET',
    path: '/thing',
    summary: 'A thing',
    answers: { 200: { description: 'It.', schema: z.strictObject({ a: z.literal(1) }) } },
    handle: () => ok({ a: 1 as const }, { etag: '"tag"' }),
  });
  served = await startServe([
    defineFunction({ name: 'thing', summary: 'A thing', access: 'public', limited: false, routes: [read] }),
  ]);
};
afterEach(() => vi.unstubAllEnvs());

describe('an answer with an ETag', () => {
  beforeAll(() => serveWith(''));
  afterAll(() => served.stop());

  it.each(['"tag"', 'W/"tag"', '"other", "tag"', '*'])(
    'is 304 without a body when If-None-Match is %s',
    async (tag) => {
      const { status, text, etag } = await served.call('GET', '/thing', { headers: { 'if-none-match': tag } });
      expect([status, text, etag]).toEqual([304, '', '"tag"']);
    },
  );

  it.each(['"other"', 'tag', 'foo*bar', 'foo"tag"', '"other" "tag"', '*, "other"'])(
    'is whole when If-None-Match is %s',
    async (tag) => {
      const { status, text } = await served.call('GET', '/thing', { headers: { 'if-none-match': tag } });
      expect([status, text]).toEqual([200, '{"a":1}']);
    },
  );

  it('has no CORS headers when no origin is configured', async () => {
    const { headers } = await served.call('GET', '/thing', { headers: { origin: 'https://a.example' } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('an answer to another origin', () => {
  beforeEach(() => serveWith('https://a.example'));
  afterEach(() => served.stop());

  it('may be read when CORS_ORIGINS names it, with the headers that matter', async () => {
    const { headers } = await served.call('GET', '/thing', { headers: { origin: 'https://a.example' } });
    expect(headers.get('access-control-allow-origin')).toBe('https://a.example');
    expect(headers.get('access-control-expose-headers')).toContain('ETag');
    expect(headers.get('vary')).toBe('Origin');
  });

  it('may not be read when it does not', async () => {
    const { headers } = await served.call('GET', '/thing', { headers: { origin: 'https://b.example' } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('vary')).toBe('Origin');
  });

  it('is announced to a preflight, with the methods and the headers that it asked for', async () => {
    const headers = { origin: 'https://a.example', 'access-control-request-headers': 'if-match' };
    const answer = await fetch(`${served.url}/thing`, { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-methods')).toBe('GET, HEAD, OPTIONS');
    expect(answer.headers.get('access-control-allow-headers')).toBe('if-match');
  });
});

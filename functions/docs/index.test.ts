import { afterAll, describe, expect, it, vi } from 'vitest';
import { startServe } from '../../scripts/testing/served.ts';
import { docs } from './index.ts';

const served = await startServe([docs]);
afterAll(() => served.stop());

const get = (path: string, headers: Record<string, string> = {}) => fetch(served.url + path, { headers });

describe('docs', () => {
  it('lists every function, and links only to pages that this host serves', async () => {
    const page = await (await get('/')).text();
    expect(page).toContain('user-write');
    expect(page).toContain('href="/docs"');
    expect(page).not.toContain('href="/users"');
  });

  it('answers 304 when the client already has the document', async () => {
    const first = await get('/openapi.json');
    expect(await first.json()).toMatchObject({ openapi: '3.1.0' });
    expect((await get('/openapi.json', { 'if-none-match': first.headers.get('etag') ?? '' })).status).toBe(304);
  });

  it.each(['/', '/docs', '/openapi.json'])('compresses %s for clients that accept it', async (path) => {
    const plain = await get(path, { 'accept-encoding': 'identity' });
    const refused = await get(path, { 'accept-encoding': 'br;q=0, gzip;q=0' });
    const whole = await plain.text();
    expect([plain.headers.get('content-encoding'), refused.headers.get('content-encoding')]).toEqual([null, null]);
    for (const encoding of ['br', 'gzip']) {
      const packed = await get(path, { 'accept-encoding': encoding });
      expect(packed.headers.get('content-encoding')).toBe(encoding);
      expect(packed.headers.get('vary')).toContain('Accept-Encoding');
      expect(packed.headers.get('etag')).not.toBe(plain.headers.get('etag'));
      expect(Number(packed.headers.get('content-length'))).toBeLessThan(whole.length / 2);
      expect(await packed.text()).toBe(whole);
    }
  });

  it('sends the OpenAPI document in under 10 KB', async () => {
    for (const encoding of ['br', 'gzip']) {
      const { headers } = await get('/openapi.json', { 'accept-encoding': encoding });
      expect(Number(headers.get('content-length'))).toBeLessThan(10_000);
    }
  });

  it('lets browsers keep its pages for the back button, and crawlers read them', async () => {
    for (const path of ['/', '/docs']) expect((await get(path)).headers.get('cache-control')).not.toContain('no-store');
    expect(await (await get('/robots.txt')).text()).toBe('User-agent: *\nDisallow:\n');
  });

  it('explains a problem as HTML and as JSON', async () => {
    const page = await get('/problems/rate-limited', { accept: 'text/html' });
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(await page.text()).toContain('Retry-After');
    const json = await get('/problems/rate-limited');
    expect(await json.json()).toEqual({ type: '/problems/rate-limited', title: 'Too many requests', status: 429 });
    expect((await get('/problems/constructor')).status).toBe(404);
  });
});

describe('docs on its own host', () => {
  it('gives the URL of each function, in the document and in the forms', async () => {
    vi.resetModules();
    vi.stubEnv('FUNCTION_URLS', 'user-read=https://read.example,items=https://items.example');
    const { startServe: start } = await import('../../scripts/testing/served.ts');
    const served = await start([(await import('./index.ts')).docs]);
    const document = await (await fetch(`${served.url}/openapi.json`)).json();
    expect(document).toMatchObject({
      paths: { '/users/{id}': { get: { servers: [{ url: 'https://read.example' }] } } },
    });
    expect(document).not.toHaveProperty(['paths', '/users/{id}', 'put', 'servers']);
    const page = await fetch(`${served.url}/docs`);
    expect(await page.text()).toContain('data-server="https://items.example"');
    expect(page.headers.get('content-security-policy')).toContain(
      "connect-src 'self' https://read.example https://items.example",
    );
    await served.stop();
  });
});

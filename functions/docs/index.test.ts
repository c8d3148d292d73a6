import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Served, startServe } from '../../scripts/testing/served.ts';
import { docs } from './index.ts';

describe('docs', () => {
  let served: Served;
  const get = (path: string, headers: Record<string, string> = {}) => fetch(served.url + path, { headers });

  beforeAll(async () => {
    served = await startServe([docs]);
  });

  afterAll(() => served.stop());

  it('lists every function, and links only to what this host serves', async () => {
    const page = await (await get('/')).text();
    expect(page).toContain('user-write');
    expect(page).toContain('href="/docs"');
    expect(page).not.toContain('href="/users"');
  });

  it('answers 304 to who has the document', async () => {
    const first = await get('/openapi.json');
    expect(await first.json()).toMatchObject({ openapi: '3.1.0' });
    expect((await get('/openapi.json', { 'if-none-match': first.headers.get('etag') ?? '' })).status).toBe(304);
  });

  it('serves Swagger UI itself, compressed where that is understood', async () => {
    const plain = await get('/docs/swagger-ui.css', { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(plain.headers.get('cache-control')).toContain('max-age');
    expect(await plain.text()).toContain('.swagger-ui');
    const zipped = await get('/docs/swagger-ui-bundle.js', { 'accept-encoding': 'gzip' });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(await zipped.text()).toContain('SwaggerUIBundle');
    const refused = await get('/docs/swagger-ui-bundle.js', { 'accept-encoding': 'gzip;q=0' });
    expect(refused.headers.get('content-encoding')).toBeNull();
    expect(refused.headers.get('etag')).not.toBe(zipped.headers.get('etag'));
  });

  it.each(['/docs/index.html', '/docs/..%2Fpackage.json'])('serves no other file: %s', async (path) => {
    expect((await get(path)).status).toBe(400);
  });

  it('explains a problem to people and to programs', async () => {
    const page = await get('/problems/rate-limited', { accept: 'text/html' });
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(await page.text()).toContain('Retry-After');
    const json = await get('/problems/rate-limited');
    expect(await json.json()).toEqual({ type: '/problems/rate-limited', title: 'Too many requests', status: 429 });
    expect((await get('/problems/constructor')).status).toBe(404);
  });
});

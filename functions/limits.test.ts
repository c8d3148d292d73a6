import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../scripts/local/framework-process.ts';
import { emptyRedis, isServed } from '../scripts/testing/served.ts';
import { manifest } from './manifest.ts';

const LIMIT = 10;
const LIMITED = '/is-bitcoin-lit/history';

describe('a client of a real process', () => {
  let api: FrameworkProcess;
  const statuses = async (addresses: readonly (string | undefined)[], path = LIMITED) => {
    const found: number[] = [];
    for (const address of addresses) {
      const headers: Record<string, string> = address === undefined ? {} : { 'x-forwarded-for': address };
      found.push((await fetch(api.url + path, { headers })).status);
    }
    return found;
  };
  beforeAll(async () => {
    await emptyRedis();
    api = await startFramework('api', { env: { RATE_LIMIT_PER_MINUTE: '1', RATE_LIMIT_BURST: String(LIMIT) } });
  });
  afterAll(() => api.stop());

  it('is limited even if every request forges another address in X-Forwarded-For', async () => {
    const forged = Array.from({ length: LIMIT + 5 }, (_, at) => `198.51.100.${at}, 10.0.0.${at}, 203.0.113.1`);
    const found = await statuses(forged);
    expect(found.filter((status) => status !== 429)).toHaveLength(LIMIT);
    expect(found.filter((status) => status === 429)).toHaveLength(5);
  });

  it('is limited even if every request uses another address of the same /64', async () => {
    const found = await statuses(Array.from({ length: LIMIT + 5 }, (_, at) => `2001:db8:0:7::${at}`));
    expect(found.filter((status) => status === 429)).toHaveLength(5);
  });

  it('learns its remaining quota, and when to retry', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.2' };
    const first = await fetch(api.url + LIMITED, { headers });
    expect(first.headers.get('ratelimit-policy')).toBe(`"default";q=${LIMIT};w=600`);
    expect(first.headers.get('ratelimit')).toBe(`"default";r=${LIMIT - 1};t=60`);
    await statuses(Array(LIMIT).fill('203.0.113.2'));
    const refused = await fetch(api.url + LIMITED, { headers });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('ratelimit')).toMatch(/^"default";r=0;t=(59|60)$/);
    expect(refused.headers.get('retry-after')).toMatch(/^(59|60)$/);
    expect(await refused.json()).toMatchObject({ type: '/problems/rate-limited' });
  });

  it('is not limited on private functions or health checks', async () => {
    const many = Array<string>(LIMIT + 2).fill('203.0.113.3');
    const open = ['/users', '/items', '/counters', '/cache'].filter((path) => isServed(manifest, 'GET', path));
    for (const path of open) expect(new Set(await statuses(many, path))).toEqual(new Set([200]));
    expect(new Set(await statuses(many, '/health'))).toEqual(new Set([200]));
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../scripts/local/framework-process.ts';
import { emptyRedis, isServed } from '../scripts/testing/served.ts';
import { history } from '../shared/domain/bitcoin/history.ts';
import { storeSamples } from '../shared/domain/bitcoin/samples.ts';
import { itemPage } from '../shared/domain/documents/items.ts';
import { closeRedis } from '../shared/redis/index.ts';
import { manifest } from './manifest.ts';

/** A small machine may need longer than the default timeouts for this many requests. */
const env = { RATE_LIMIT_PER_MINUTE: '0', REDIS_TIMEOUT_MS: '10000', REDIS_CONNECT_TIMEOUT_MS: '10000' };
const READS = 1_000;
const WRITES = 20;

let processes: FrameworkProcess[] = [];
beforeAll(async () => {
  await emptyRedis();
  processes = await Promise.all(Array.from({ length: 4 }, () => startFramework('api', { env })));
});
afterAll(async () => {
  await Promise.all(processes.map((each) => each.stop()));
  await closeRedis();
});

const call = async (at: number, path: string, init?: RequestInit) => {
  const response = await fetch(`${processes[at % processes.length]?.url}${path}`, init);
  return { status: response.status, how: response.headers.get('cache-status') ?? '', body: await response.json() };
};
const write = (at: number, method: string, price: number) => {
  const headers = { 'content-type': 'application/json' };
  return call(at, '/items/1', { method, headers, body: JSON.stringify({ name: 'Tea', price }) });
};

describe.runIf(isServed(manifest, 'GET', '/items'))('the cached list of items in four processes', () => {
  it('always includes every write that was acknowledged before the read began', async () => {
    expect((await write(0, 'POST', 0)).status).toBe(201);
    let answered = 0;
    let begun = 0;
    const stale: unknown[] = [];
    const reader = async () => {
      while (begun < READS) {
        begun += 1;
        const least = answered;
        const { body } = await call(begun, '/items');
        const price = itemPage.parse(body).items[0]?.price ?? -1;
        if (price < least) stale.push([price, least]);
      }
    };
    const writer = async () => {
      for (let price = 1; price <= WRITES; price += 1) {
        const due = (price * READS) / (WRITES + 1);
        while (begun < due) await call(price, '/items');
        expect((await write(price, 'PUT', price)).status).toBe(200);
        answered = price;
      }
    };
    await Promise.all([writer(), ...Array.from({ length: 16 }, reader)]);
    expect(stale).toEqual([]);
    expect(answered).toBe(WRITES);
  });
});

describe.runIf(isServed(manifest, 'GET', '/is-bitcoin-lit/history'))('the cached history in four processes', () => {
  const path = '/is-bitcoin-lit/history?hours=168';
  const samples = (price: number) => [{ timeMs: 1_625_673_600_000 + price, price, sentiment: 0.25 }];

  it('is computed once for 500 requests, and once more after samples are added', async () => {
    for (const price of [1, 3]) {
      await storeSamples('senticrypt', samples(price));
      const found = await Promise.all(Array.from({ length: 500 }, (_, at) => call(at, path)));
      expect(found.filter(({ how }) => how.startsWith('redis; fwd=miss') && !how.endsWith('collapsed'))).toHaveLength(
        1,
      );
      expect(new Set(found.map(({ body }) => history.parse(body).points[0]?.price))).toEqual(
        new Set([(1 + price) / 2]),
      );
    }
  });
});

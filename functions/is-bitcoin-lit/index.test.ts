import http from 'node:http';
import { HttpResponse, http as msw } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listenOnFreePort } from '../../scripts/local/free-port.ts';
import { config } from '../../shared/config/config.ts';
import { history } from '../../shared/domain/bitcoin/history.ts';
import { refresh } from '../../shared/domain/bitcoin/refresh.ts';
import { sampleKey } from '../../shared/domain/bitcoin/samples.ts';
import { summary } from '../../shared/domain/bitcoin/summary.ts';
import { createServe } from '../../shared/http/kernel.ts';
import { closeRedis, closeSubscriptions, redis } from '../../shared/redis/index.ts';
import { HOUR_MS } from '../../shared/timing.ts';
import { isBitcoinLit } from './index.ts';

const HOUR = 451_577;
const feed = setupServer();
const server = http.createServer(createServe([isBitcoinLit]));
let base = '';

const row = (second: number, price: string) => ({ timestamp: HOUR * 3_600 + second, mean: 0.2, btc_price: price });
const deliver = (...rows: unknown[]) => {
  feed.use(msw.get(config().senticryptUrl, () => HttpResponse.json(rows)));
  return refresh();
};

beforeAll(async () => {
  feed.listen({ onUnhandledFrame: 'bypass' });
  base = `http://127.0.0.1:${await listenOnFreePort(server)}`;
});

beforeEach(async () => {
  const parts = ['latest', 'kept-summary', 'cursor', HOUR - 2, HOUR - 1, HOUR];
  await redis((client) => client.del(parts.map((part) => sampleKey('senticrypt', part))));
});

afterAll(async () => {
  feed.close();
  server.closeAllConnections();
  server.close();
  await closeSubscriptions();
  await closeRedis();
});

describe('GET /is-bitcoin-lit', () => {
  it('says what to do while nothing is stored', async () => {
    const response = await fetch(`${base}/is-bitcoin-lit/history`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('POST /refresh') });
  });

  it('answers from the cache that the refresh wrote, and 304 when the client has it', async () => {
    const result = await deliver(row(1, '100.5'), row(2, '101.5'));
    const response = await fetch(`${base}/is-bitcoin-lit`);
    const value = summary.parse(await response.json());
    expect(value).toMatchObject({ lit: false, stale: true, source: 'senticrypt', as_of: result?.latest });
    expect(value.hourly_average_of_averages).toMatchObject([{ price: 101, sentiment: 0.2, samples: 2 }]);
    expect(response.headers.get('cache-status')).toBe('memory; hit');
    expect(response.headers.get('cache-control')).toContain('public');
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(`${base}/is-bitcoin-lit`, { headers: { 'if-none-match': etag } });
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
  });

  it('answers what a refresh brought right after it', async () => {
    await deliver(row(1, '100'));
    await fetch(`${base}/is-bitcoin-lit`);
    await deliver(row(2, '200'));
    const value = summary.parse(await (await fetch(`${base}/is-bitcoin-lit`)).json());
    expect(value.hourly_average_of_averages).toMatchObject([{ price: 150 }]);
  });
});

describe('GET /is-bitcoin-lit/history', () => {
  it('has a point for each step that has samples', async () => {
    await deliver(row(1, '100'), row(299, '200'), row(300, '300'));
    const response = await fetch(`${base}/is-bitcoin-lit/history?hours=1`);
    const { step_seconds, points } = history.parse(await response.json());
    expect([step_seconds, points.map(({ price }) => price)]).toEqual([300, [150, 300]]);
    expect(points[0]?.time).toBe(new Date(HOUR * HOUR_MS).toISOString());
  });

  it.each(['hours=0', 'hours=169', 'hours=x', 'step_seconds=60', 'since=1'])('refuses %s', async (query) => {
    expect((await fetch(`${base}/is-bitcoin-lit/history?${query}`)).status).toBe(400);
  });
});

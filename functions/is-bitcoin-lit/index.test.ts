import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { config } from '../../shared/config/config.ts';
import { history } from '../../shared/domain/bitcoin/history.ts';
import { refresh } from '../../shared/domain/bitcoin/refresh.ts';
import { closeSubscriptions } from '../../shared/redis/index.ts';
import { HOUR_MS } from '../../shared/timing.ts';
import { isBitcoinLit } from './index.ts';

const HOUR = 451_577;
const feed = setupServer();
feed.listen({ onUnhandledFrame: 'bypass' });
const served = await startServe([isBitcoinLit]);
const get = (path = '', headers = {}) => served.call('GET', `/is-bitcoin-lit${path}`, { headers });

const row = (second: number, price: string) => ({ timestamp: HOUR * 3_600 + second, mean: 0.2, btc_price: price });
const deliver = (...rows: ReturnType<typeof row>[]) => {
  feed.use(http.get(config().senticryptUrl, () => HttpResponse.json(rows)));
  return refresh();
};

beforeEach(emptyRedis);
afterAll(async () => {
  feed.close();
  closeSubscriptions();
  await served.stop();
});

describe('GET /is-bitcoin-lit', () => {
  it('says how to get data when nothing is stored', async () => {
    expect(await get('/history')).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('POST /refresh') },
    });
  });

  it('answers from the cache that the refresh filled, and 304 for a current ETag', async () => {
    const result = await deliver(row(1, '100.5'), row(2, '101.5'));
    const { body, headers, etag } = await get();
    expect(body).toMatchObject({ lit: false, stale: true, source: 'senticrypt', as_of: result?.latest });
    expect(body).toMatchObject({ hourly_average_of_averages: [{ price: 101, sentiment: 0.2, samples: 2 }] });
    expect(headers.get('cache-status')).toBe('memory; hit');
    expect(headers.get('cache-control')).toContain('public');
    expect(await get('', { 'if-none-match': etag })).toMatchObject({ status: 304, etag, text: '' });
  });

  it('answers the new samples right after a refresh', async () => {
    await deliver(row(1, '100'));
    await get();
    await deliver(row(2, '200'));
    expect((await get()).body).toMatchObject({ hourly_average_of_averages: [{ price: 150 }] });
  });
});

describe('GET /is-bitcoin-lit/history', () => {
  it('has a point for each step with samples', async () => {
    await deliver(row(1, '100'), row(299, '200'), row(300, '300'));
    const { step_seconds, points } = history.parse((await get('/history?hours=1')).body);
    expect([step_seconds, points.map(({ price }) => price)]).toEqual([300, [150, 300]]);
    expect(points[0]?.time).toBe(new Date(HOUR * HOUR_MS).toISOString());
  });

  it.each(['hours=0', 'hours=169', 'hours=x', 'step_seconds=60', 'since=1'])('refuses %s', async (query) => {
    expect((await get(`/history?${query}`)).status).toBe(400);
  });
});

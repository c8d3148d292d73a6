import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { config } from '../../shared/config/config.ts';
import { readHistory } from '../../shared/domain/bitcoin/history.ts';
import { refresh } from './index.ts';

const feed = setupServer();
feed.listen({ onUnhandledFrame: 'bypass' });
const served = await startServe([refresh]);
beforeEach(emptyRedis);
afterAll(async () => {
  feed.close();
  await served.stop();
});

const row = (second: number, price: string) => ({ timestamp: 1_625_677_200 + second, mean: 0.2, btc_price: price });
const deliver = (answer: () => Response) => {
  feed.use(http.get(config().senticryptUrl, answer));
  return served.call('POST', '/refresh');
};

describe('POST /refresh', () => {
  it('says how many rows it received and how many were new', async () => {
    const rows = [row(1, '100.5'), row(2, '101.5'), row(3, 'NaN')];
    const first = await deliver(() => HttpResponse.json(rows));
    expect(first).toMatchObject({ status: 200, body: { received: 3, added: 2, duplicates: 0, rejected: 1 } });
    const again = await deliver(() => HttpResponse.json(rows));
    expect(again.body).toMatchObject({ received: 3, added: 0, duplicates: 2, rejected: 1 });
  });

  it('keeps the stored samples when the feed fails', async () => {
    await deliver(() => HttpResponse.json([row(1, '100')]));
    const failed = await deliver(() => new Response('oops', { status: 500 }));
    expect(failed.body).toMatchObject({ status: 502, type: '/problems/feed-unavailable' });
    expect((await readHistory({ hours: 1, step_seconds: 300 })).points).toMatchObject([{ price: 100 }]);
  });
});

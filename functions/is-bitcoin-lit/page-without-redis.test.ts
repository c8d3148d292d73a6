import { afterAll, describe, expect, it } from 'vitest';
import { emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { startProxy } from '../../scripts/testing/tcp-proxy.ts';
import { storeSamples } from '../../shared/domain/bitcoin/samples.ts';
import { closeSubscriptions } from '../../shared/redis/index.ts';
import { isBitcoinLit } from './index.ts';

const wire = await startProxy(process.env.REDIS_URL ?? '');
process.env.REDIS_URL = wire.url;
const served = await startServe([isBitcoinLit]);
await emptyRedis();
afterAll(async () => {
  closeSubscriptions();
  await served.stop();
  await wire.stop();
});

const open = async () => {
  const response = await fetch(`${served.url}/is-bitcoin-lit`, { headers: { accept: 'text/html' } });
  return { status: response.status, page: await response.text() };
};

describe('the page', () => {
  it('says that nothing is stored', async () => {
    const { status, page } = await open();
    expect(status).toBe(200);
    expect(page).toContain('POST /refresh');
  });

  it('shows the summary in memory when Redis is unreachable, even on the first visit', async () => {
    await storeSamples('senticrypt', [{ timeMs: Date.now() - 60_000, price: 64_000, sentiment: 0.2 }]);
    expect((await fetch(`${served.url}/is-bitcoin-lit`)).status).toBe(200);
    wire.resetOn('request');
    const { status, page } = await open();
    expect(status).toBe(200);
    expect(page).toContain('64,000');
    expect(page).toContain('latest hour');
    expect(page).not.toContain('Infinity');
  });
});

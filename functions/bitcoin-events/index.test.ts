import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyRedis, startServe } from '../../scripts/testing/served.ts';
import { storeSamples } from '../../shared/domain/bitcoin/samples.ts';
import { renewSummary } from '../../shared/domain/bitcoin/summary-cache.ts';
import { closeSubscriptions } from '../../shared/redis/index.ts';
import { bitcoinEvents, MAX_STREAMS } from './index.ts';

const START = Date.UTC(2021, 6, 7, 17);

const served = await startServe([bitcoinEvents]);
beforeEach(emptyRedis);
afterAll(async () => {
  closeSubscriptions();
  await served.stop();
});

const addSample = async (second: number) => {
  const timeMs = START + second * 1_000;
  await storeSamples('senticrypt', [{ timeMs, price: 100, sentiment: 0.2 }]);
  await renewSummary({ source: 'senticrypt', latestMs: timeMs, fence: 1, announce: true }, Date.now());
};

describe('GET /is-bitcoin-lit/events', () => {
  it('sends the summary at once, and again after a refresh that added samples', async () => {
    await addSample(1);
    const end = new AbortController();
    const response = await fetch(`${served.url}/is-bitcoin-lit/events`, { signal: end.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    const seen = async (count: number) => {
      for await (const piece of response.body?.values({ preventCancel: true }) ?? []) {
        text += Buffer.from(piece).toString();
        if (text.split('event: summary').length > count) return;
      }
    };
    await seen(1);
    await addSample(2);
    await seen(2);
    expect(text).toMatch(/^retry: 2000\n\nevent: summary\nid: \d+\ndata: \{.+"samples":1,.+\}\n\n/);
    expect(text).toMatch(/"samples":2,.+\}\n\n$/);
    end.abort();
  });

  const openStreams = async (addresses: readonly string[]) => {
    const end = new AbortController();
    const responses = await Promise.all(
      addresses.map((address) =>
        fetch(`${served.url}/is-bitcoin-lit/events`, { signal: end.signal, headers: { 'x-forwarded-for': address } }),
      ),
    );
    return { responses, statuses: responses.map(({ status }) => status), end: () => end.abort() };
  };
  const count = (statuses: readonly number[], status: number) => statuses.filter((each) => each === status).length;

  it('allows 20 streams per client, refuses more until one ends, and still serves other clients', async () => {
    const one = await openStreams(Array.from({ length: 25 }, (_, at) => `198.51.100.${at}, 203.0.113.1`));
    const other = await openStreams(['203.0.113.2']);
    const refused = one.responses.find(({ status }) => status === 503);
    expect([count(one.statuses, 200), count(one.statuses, 503), other.statuses]).toEqual([20, 5, [200]]);
    expect(refused?.headers.get('retry-after')).toBe('30');
    expect(await refused?.json()).toMatchObject({ type: '/problems/too-many-streams' });
    one.end();
    const reopen = async () => {
      const again = await openStreams(['203.0.113.1']);
      again.end();
      return again.statuses;
    };
    // The server takes a moment to notice that a stream is closed.
    await expect.poll(reopen).toEqual([200]);
    other.end();
  });

  it('refuses more streams than an instance can serve, and frees each one that ends', async () => {
    const clients = Array.from({ length: MAX_STREAMS + 5 }, (_, at) => `10.0.${at % 200}.1`);
    const many = await openStreams(clients);
    expect(count(many.statuses, 503)).toBe(5);
    many.end();
    const reopen = async () => {
      const again = await openStreams(clients.slice(0, MAX_STREAMS));
      again.end();
      return count(again.statuses, 200);
    };
    await expect.poll(reopen).toBe(MAX_STREAMS);
  });
});

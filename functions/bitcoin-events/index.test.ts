import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyRedis, type Served, startServe } from '../../scripts/testing/served.ts';
import { storeSamples } from '../../shared/domain/bitcoin/samples.ts';
import { renewSummary } from '../../shared/domain/bitcoin/summary-cache.ts';
import { closeSubscriptions } from '../../shared/redis/index.ts';
import { bitcoinEvents } from './index.ts';

const START = Date.UTC(2021, 6, 7, 17);

let served: Served;
beforeAll(async () => {
  served = await startServe([bitcoinEvents]);
});
beforeEach(emptyRedis);
afterAll(async () => {
  closeSubscriptions();
  await served.stop();
});

const bring = async (second: number) => {
  const timeMs = START + second * 1_000;
  await storeSamples('senticrypt', [{ timeMs, price: 100, sentiment: 0.2 }]);
  await renewSummary({ source: 'senticrypt', latestMs: timeMs, fence: 1, announce: true }, Date.now());
};

describe('GET /is-bitcoin-lit/events', () => {
  it('sends the summary at once, and again when a refresh has added something', async () => {
    await bring(1);
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
    await bring(2);
    await seen(2);
    expect(text).toMatch(/^retry: 2000\n\nevent: summary\nid: \d+\ndata: \{.+"samples":1,.+\}\n\n/);
    expect(text).toMatch(/"samples":2,.+\}\n\n$/);
    end.abort();
  });
});

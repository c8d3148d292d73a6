import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { serveHttp } from '../../../../scripts/local/free-port.ts';
import { kraken } from './kraken.ts';
import { senticrypt } from './senticrypt.ts';

const URL = 'http://feed.test/v1/bitcoin.json';
const NOW = Date.UTC(2021, 6, 7, 18);
const server = setupServer();

beforeAll(() => server.listen({ onUnhandledFrame: 'bypass' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const answer = (make: () => Response | Promise<Response>) => server.use(http.get(URL, make));
const read = (signal: AbortSignal = AbortSignal.timeout(5_000)) =>
  senticrypt(URL).read({ cursor: undefined, nowMs: NOW, signal });

const row = { count: 7_259, timestamp: 1_625_592_626.3452034, rate: 0, mean: 0.2, median: 0.23, btc_price: '33885.23' };

describe('a row of SentiCrypt', () => {
  it('becomes a sample, its time rounded down to the millisecond', async () => {
    answer(() => HttpResponse.json([row]));
    expect(await read()).toEqual({
      samples: [{ timeMs: 1_625_592_626_345, price: 33_885.23, sentiment: 0.2 }],
      rejected: 0,
      cursor: undefined,
      isLast: true,
    });
  });

  it('may have a price without decimals, or the older format', async () => {
    answer(() => HttpResponse.json([{ timestamp: row.timestamp, polarity: 0.1, mean: -0.5, btc_price: '34000' }]));
    expect((await read()).samples).toEqual([{ timeMs: 1_625_592_626_345, price: 34_000, sentiment: -0.5 }]);
  });

  it.each([
    ['a price that is not a number', { ...row, btc_price: 'NaN' }],
    ['a price so large that it breaks every mean', { ...row, btc_price: 1e300 }],
    ['a sentiment so large that it breaks every mean', { ...row, mean: -1e308 }],
    ['an empty price', { ...row, btc_price: '' }],
    ['an infinite price', { ...row, btc_price: '9'.repeat(400) }],
    ['a negative price', { ...row, btc_price: '-1' }],
    ['a price of zero', { ...row, btc_price: '0' }],
    ['no price', { ...row, btc_price: undefined }],
    ['a sentiment as a string', { ...row, mean: '0.2' }],
    ['no sentiment', { ...row, mean: null }],
    ['a time as a string', { ...row, timestamp: '1625592626.34' }],
    ['a time in milliseconds', { ...row, timestamp: 1_625_592_626_345 }],
    ['a time before Bitcoin', { ...row, timestamp: 0 }],
    ['a time three hours ahead', { ...row, timestamp: NOW / 1_000 + 10_800 }],
    ['a number instead of an object', 7],
    ['null instead of an object', null],
  ])('is rejected with %s, and the other rows are kept', async (_what, bad) => {
    answer(() => HttpResponse.json([bad, row]));
    const { samples, rejected } = await read();
    expect([samples.length, rejected]).toEqual([1, 1]);
  });

  it('is accepted from a clock that is an hour ahead', async () => {
    answer(() => HttpResponse.json([{ ...row, timestamp: NOW / 1_000 + 3_600 }]));
    expect((await read()).samples).toHaveLength(1);
  });

  it('is rejected when it is too long, whatever it contains', async () => {
    const long = ['['.repeat(20_000) + ']'.repeat(20_000), `"${'\\"],['.repeat(20_000)}"`];
    answer(() => new Response(`[${JSON.stringify(row)},${long.join(' , ')} ]`));
    const { samples, rejected } = await read();
    expect([samples.length, rejected]).toEqual([1, 2]);
  });

  it('may be one of 100,000', async () => {
    answer(() => new Response(`[${JSON.stringify(row)}${',0'.repeat(99_999)}]`));
    const { samples, rejected } = await read();
    expect([samples.length, rejected]).toEqual([1, 99_999]);
  });

  it('does not exist in an empty list', async () => {
    answer(() => new Response(' [ ] '));
    expect(await read()).toMatchObject({ samples: [], rejected: 0 });
  });

  it('is rejected with a number too large for JavaScript', async () => {
    answer(() => new Response(`[{"timestamp":${row.timestamp},"mean":1e999,"btc_price":"1"},${JSON.stringify(row)}]`));
    expect((await read()).rejected).toBe(1);
  });
});

describe('a feed', () => {
  it.each([
    ['HTML', () => HttpResponse.html('<h1>Sorry</h1>')],
    ['half a document', () => new Response(JSON.stringify([row, row]).slice(0, 100))],
    ['an object instead of a list', () => HttpResponse.json({ rows: [row] })],
    ['an empty body', () => new Response('')],
    ['NaN, which is not JSON', () => new Response('[{"mean": NaN}]')],
    ['endless nesting', () => new Response('['.repeat(200_000))],
    ['more than 16 MiB', () => new Response(Buffer.alloc(17 << 20, ' '))],
    ['more than 100,000 rows', () => new Response(`[${'0,'.repeat(100_000)}${JSON.stringify(row)}]`)],
    ['no valid row', () => HttpResponse.json([{}, null, 'row'])],
    ['a list that ends with a comma', () => new Response(`[${JSON.stringify(row)},]`)],
    ['a row that is not JSON', () => new Response(`[${JSON.stringify(row)},{]`)],
    ['brackets nested 8 million deep', () => new Response(`${'['.repeat(8e6)}${']'.repeat(8e6)}`)],
    ['one long string', () => new Response(`["${'x'.repeat(15 << 20)}"]`)],
    [
      'more than 16 MiB in a small gzip',
      () => new Response(gzipSync(Buffer.alloc(17 << 20, ' ')), { headers: { 'content-encoding': 'gzip' } }),
    ],
  ])('that sends %s is feed-invalid', async (_what, make) => {
    answer(make);
    await expect(read()).rejects.toMatchObject({ code: 'feed-invalid' });
  });

  it.each([
    ['500', () => new Response('oops', { status: 500 }), {}],
    ['404', () => new Response('', { status: 404 }), {}],
    [
      '503 with seconds',
      () => new Response('', { status: 503, headers: { 'retry-after': '7' } }),
      { 'retry-after': '7' },
    ],
    [
      '429 with a date',
      () => new Response('', { status: 429, headers: { 'retry-after': new Date(NOW + 9_000).toUTCString() } }),
      { 'retry-after': '9' },
    ],
    [
      '429 with a day',
      () => new Response('', { status: 429, headers: { 'retry-after': '86400' } }),
      { 'retry-after': '3600' },
    ],
    [
      '429 with an invalid Retry-After',
      () => new Response('', { status: 429, headers: { 'retry-after': 'soon' } }),
      {},
    ],
    ['with a network error', () => HttpResponse.error(), {}],
  ])('that answers %s is feed-unavailable', async (_what, make, headers) => {
    answer(make);
    await expect(read()).rejects.toMatchObject({ code: 'feed-unavailable', headers });
  });

  it('that stalls before it answers is feed-timeout', async () => {
    const late = new AbortController();
    answer(() => {
      late.abort();
      return new Promise<Response>(() => {});
    });
    await expect(read(late.signal)).rejects.toMatchObject({ code: 'feed-timeout' });
  });

  it.each([
    ['stalls in the middle of its body', 'feed-timeout', (response: ServerResponse) => response.write('[{"count":')],
    [
      'breaks off',
      'feed-unavailable',
      (response: ServerResponse) => response.write('[{"count":', () => response.destroy()),
    ],
  ])('that %s is %s', async (_what, code, act) => {
    const feed = await serveHttp((_request, response) => act(response));
    const signal = AbortSignal.timeout(200);
    await expect(senticrypt(feed.url).read({ cursor: undefined, nowMs: NOW, signal })).rejects.toMatchObject({ code });
    await feed.stop();
  });
});

describe('the URL of Kraken', () => {
  it.each(['http://feed.test', 'http://feed.test/0/public/Trades', 'http://feed.test/0/public/Trades?pair=XBTUSD'])(
    'may be given as %s',
    async (base) => {
      let asked = '';
      server.use(
        http.get('http://feed.test/0/public/Trades', ({ request }) => {
          asked = request.url;
          return HttpResponse.json({ error: [], result: { XXBTZUSD: [], last: '0' } });
        }),
      );
      await kraken(base).read({ cursor: undefined, nowMs: NOW, signal: AbortSignal.timeout(5_000) });
      // A nanosecond before the window that was 24 hours ago.
      expect(asked).toBe('http://feed.test/0/public/Trades?pair=XBTUSD&since=1625594399999999999&count=1000');
    },
  );

  it('does not complete a window early when our clock is fast: the Date of the answer counts', async () => {
    const start = NOW / 1_000 - 60;
    const rows = [['10.0', '1.0', start, 'b']];
    server.use(
      http.get('http://feed.test/0/public/Trades', ({ request }) => {
        const isFirst = request.url.includes('since=1');
        const last = new URLSearchParams(request.url.split('?')[1]).get('since');
        const date = new Date((start + 10) * 1_000).toUTCString();
        return HttpResponse.json({ error: [], result: { X: isFirst ? rows : [], last } }, { headers: { date } });
      }),
    );
    const page = await kraken('http://feed.test').read({
      cursor: JSON.stringify({
        since: '1',
        open: { start, turnover: '100000000000000000000', bought: '10000000000', sold: '0' },
        edge: [],
      }),
      nowMs: NOW + 3_600_000,
      signal: AbortSignal.timeout(5_000),
    });
    expect(page).toMatchObject({ samples: [], isLast: true });
  });
});

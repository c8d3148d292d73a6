import { execFile } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../../local/framework-process.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';
import { type FeedServer, feedRows, startFeed } from './broken-feed.ts';
import { send } from './fault-load.ts';
import { addRow, report } from './fault-table.ts';
import { junkFeeds } from './junk-feeds.ts';
import { peakMib, residentMib } from './process-memory.ts';

const FEED_TIMEOUT_MS = 3_000;
/** What is left of the request beside the feed's own time. */
const OWN_MS = 1_500;
const MAX_GROWTH_MIB = 150;
/** What `refresh` is deployed with. */
const FUNCTION_MIB = 256;
/** Ten times what is promised of an idle machine, for one that is busy with other things; the table has the figure. */
const MAX_WAIT_MS = 2_500;
/** 200 MB of spaces. */
const BOMB = gzipSync(Buffer.alloc(200_000_000, ' '));

let server: RedisServer;
let feed: FeedServer;
let api: FrameworkProcess;

beforeAll(async () => {
  server = await startRedis();
  feed = await startFeed();
  const env = {
    REDIS_URL: server.url,
    SENTICRYPT_URL: feed.url,
    FEED_TIMEOUT_MS: String(FEED_TIMEOUT_MS),
    RATE_LIMIT_PER_MINUTE: '0',
  };
  api = await startFramework('api', { env });
  await send(`${api.url}/refresh`, { method: 'POST' });
});
afterAll(async () => {
  await api.stop();
  await feed.stop();
  await server.stop();
  report('The feed, broken');
});

const refresh = () => send(`${api.url}/refresh`, { method: 'POST' });
const storedTimes = async () =>
  JSON.stringify(JSON.parse((await send(`${api.url}/is-bitcoin-lit/history?hours=168`)).body));

const pour = (response: ServerResponse, piece: string, times: number): void => {
  let left = times;
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= 1;
      if (!response.write(piece)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
};

const problemOf = (code: string) => ({ type: `/problems/${code}` });

const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('60000', '1e5', '', 'NaN', -0, 1e308, '0x10'));
const nearlyRow = fc.record(
  {
    timestamp: fc.oneof(
      odd,
      fc.integer({ min: 0, max: 5_000 }).map((ago) => Date.now() / 1_000 - ago),
    ),
    btc_price: fc.oneof(odd, fc.constant('60000.5')),
    mean: fc.oneof(odd, fc.double({ min: -1, max: 1 })),
  },
  { requiredKeys: [] },
);
const rowsLike = fc.array(fc.oneof({ weight: 4, arbitrary: nearlyRow }, odd), { maxLength: 30 });

const broken: readonly [what: string, status: number, code: string, react: (response: ServerResponse) => void][] = [
  ['refused', 502, 'feed-unavailable', (response) => response.socket?.resetAndDestroy()],
  ['stalled before the headers', 504, 'feed-timeout', () => {}],
  ['stalled in the body', 504, 'feed-timeout', (response) => response.write('[')],
  ['status 500', 502, 'feed-unavailable', (response) => response.writeHead(500).end('[]')],
  ['a page of HTML', 502, 'feed-invalid', (response) => response.end('<html>')],
  [
    'cut off in the middle',
    502,
    'feed-unavailable',
    (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('[{"timestamp":', () => response.destroy());
    },
  ],
  ['half a document', 502, 'feed-invalid', (response) => response.end('[{"timestamp":1')],
  ['an object', 502, 'feed-invalid', (response) => response.end('{"rows":[]}')],
  ['100 MB', 502, 'feed-invalid', (response) => pour(response, `[${' '.repeat(1_000_000)}`, 100)],
  ['without an end', 502, 'feed-invalid', (response) => pour(response, '[1,'.repeat(100_000), 1_000_000)],
  [
    'a gzip bomb',
    502,
    'feed-invalid',
    (response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(BOMB);
    },
  ],
  ['nested 100,000 deep', 502, 'feed-invalid', (response) => response.end('['.repeat(100_000))],
  ['a redirect without end', 502, 'feed-unavailable', (response) => response.writeHead(302, { location: '/' }).end()],
];

describe('a feed', () => {
  it.each(broken)('%s is %i %s in time, and what is stored stays', async (what, status, code, react) => {
    const before = await storedTimes();
    const memory = residentMib(api);
    feed.react((_, response) => react(response));
    const started = performance.now();
    const answer = await refresh();
    const ms = Math.round(performance.now() - started);
    const asPromised = answer.status === status && JSON.parse(answer.body).type === `/problems/${code}`;
    const after = await storedTimes();
    feed.react((_, response) => response.end(JSON.stringify(feedRows(10))));
    const next = await refresh();
    addRow({
      fault: `feed: ${what} → ${status}`,
      sent: 2,
      as_promised: Number(asPromised) + Number(next.status === 200),
      served: 2,
      longest_ms: ms,
      lost: before === after ? 0 : 'samples',
      normal_ms: next.status === 200 ? 0 : 'never',
    });
    expect(JSON.parse(answer.body)).toMatchObject({ status, type: `/problems/${code}` });
    expect(after).toBe(before);
    expect(next.status).toBe(200);
    expect(ms).toBeLessThan(FEED_TIMEOUT_MS + OWN_MS);
    expect(residentMib(api) - memory).toBeLessThan(MAX_GROWTH_MIB);
  });

  it('with rows of wrong types and impossible times has just those rejected', async () => {
    const now = Date.now() / 1_000;
    const good = { timestamp: now - 5, btc_price: '60000.5', mean: 0.5 };
    const rows = [
      null,
      [],
      'text',
      { ...good, btc_price: 'NaN' },
      { ...good, btc_price: null },
      { ...good, btc_price: '-1' },
      { ...good, btc_price: '1e400' },
      { ...good, mean: 'good' },
      { ...good, mean: null },
      { ...good, timestamp: 'now' },
      { ...good, timestamp: 0 },
      { ...good, timestamp: now + 86_400 },
      { ...good, timestamp: 1e300 },
      good,
      { ...good, btc_price: '1.0' },
    ];
    feed.react((_, response) => response.end(JSON.stringify(rows)));
    const answer = await refresh();
    expect(JSON.parse(answer.body)).toMatchObject({ received: 15, added: 1, duplicates: 1, rejected: 13 });
    const summary = await send(`${api.url}/is-bitcoin-lit`);
    expect(summary.status).toBe(200);
  });

  it('in any order gives the same summary', async () => {
    const rows = feedRows(60);
    feed.react((_, response) => response.end(JSON.stringify(rows)));
    await refresh();
    const before = await storedTimes();
    feed.react((_, response) => response.end(JSON.stringify(rows.toReversed())));
    expect(JSON.parse((await refresh()).body)).toMatchObject({ added: 0 });
    expect(await storedTimes()).toBe(before);
  });
});

describe('a feed of junk below the limit', () => {
  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/build.ts']);
  });

  it.each(junkFeeds)('$what: $status, while others are served and memory suffices', async ({ what, body, status }) => {
    const deployed = await startFramework('refresh', {
      source: 'dist/index.cjs',
      env: { REDIS_URL: server.url, SENTICRYPT_URL: feed.url },
    });
    const text = body();
    feed.react((_, response) => response.end(text));
    let isOver = false;
    let longestMs = 0;
    const watch = async () => {
      while (!isOver) {
        const started = performance.now();
        await send(`${deployed.url}/health`);
        longestMs = Math.max(longestMs, performance.now() - started);
      }
    };
    const before = await storedTimes();
    const watching = watch();
    const answer = await send(`${deployed.url}/refresh`, { method: 'POST', hangMs: 15_000 });
    isOver = true;
    await watching;
    const peak = peakMib(deployed);
    await deployed.stop();
    addRow({
      fault: `junk: ${what} → ${status} (${Math.round(peak)} MiB)`,
      sent: 1,
      as_promised: Number(answer.status === status),
      served: 1,
      longest_ms: Math.round(longestMs),
      lost: 0,
      normal_ms: 0,
    });
    expect(JSON.parse(answer.body)).toMatchObject(
      status === 200 ? { source: 'senticrypt' } : problemOf('feed-invalid'),
    );
    if (status !== 200) expect(await storedTimes()).toBe(before);
    expect(longestMs).toBeLessThan(MAX_WAIT_MS);
    expect(peak).toBeLessThan(FUNCTION_MIB);
  });

  it('made of any JSON gets a documented answer, and nothing is stored that is not valid', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json({ maxDepth: 6 }),
          rowsLike.map((rows) => JSON.stringify(rows)),
        ),
        async (text) => {
          feed.react((_, response) => response.end(text));
          const answer = await refresh();
          const result = JSON.parse(answer.body);
          if (answer.status !== 200) {
            expect(result).toMatchObject(problemOf('feed-invalid'));
            return;
          }
          const { received, added, duplicates, rejected } = result;
          expect(received).toBe(JSON.parse(text).length);
          expect(added + duplicates + rejected).toBe(received);
        },
      ),
      { numRuns: 300 },
    );
    for (const { time, price, sentiment } of JSON.parse(await storedTimes()).points) {
      expect(Date.parse(time)).toBeLessThan(Date.now() + 2 * 3_600_000);
      expect(price).toBeGreaterThan(0);
      expect(Number.isFinite(sentiment)).toBe(true);
    }
  });
});

import { execFile } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../../local/framework-process.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';
import { type FeedServer, feedRows, startFeed } from '../test-feed.ts';
import { send } from './fault-load.ts';
import { junkFeeds } from './junk-feeds.ts';
import { peakMib, residentMib } from './process-memory.ts';

const FEED_TIMEOUT_MS = 3_000;
/** Time that a refresh may take beyond the feed's own timeout. */
const OWN_MS = 1_500;
const MAX_GROWTH_MIB = 150;
/** The memory limit that `refresh` is deployed with. */
const FUNCTION_MIB = 256;
/** Ten times what an idle machine needs, so that a busy one passes too. */
const MAX_WAIT_MS = 2_500;
/** 200 MB of spaces. */
const BOMB = gzipSync(Buffer.alloc(200_000_000, ' '));

let server: RedisServer;
let feed: FeedServer;
let api: FrameworkProcess;
let env: Record<string, string>;

beforeAll(async () => {
  server = await startRedis();
  feed = await startFeed();
  // Redis is up here, so a slow machine must not look like a Redis that is down.
  env = { REDIS_URL: server.url, SENTICRYPT_URL: feed.url, RATE_LIMIT_PER_MINUTE: '0', REDIS_TIMEOUT_MS: '5000' };
  api = await startFramework('api', { env: { ...env, FEED_TIMEOUT_MS: String(FEED_TIMEOUT_MS) } });
  await send(`${api.url}/refresh`, { method: 'POST' });
});
afterAll(async () => {
  await api.stop();
  await feed.stop();
  await server.stop();
});

const refresh = () => send(`${api.url}/refresh`, { method: 'POST' });
const storedTimes = async () =>
  JSON.stringify(JSON.parse((await send(`${api.url}/is-bitcoin-lit/history?hours=168`)).body));

/** Sends `piece` that many times, as fast as the reader takes it. */
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
  ['that resets the connection', 502, 'feed-unavailable', (response) => response.socket?.resetAndDestroy()],
  ['that stalls before the headers', 504, 'feed-timeout', () => {}],
  ['that stalls in the body', 504, 'feed-timeout', (response) => response.write('[')],
  ['with status 500', 502, 'feed-unavailable', (response) => response.writeHead(500).end('[]')],
  ['with an HTML page', 502, 'feed-invalid', (response) => response.end('<html>')],
  [
    'cut off in the middle of the body',
    502,
    'feed-unavailable',
    (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('[{"timestamp":', () => response.destroy());
    },
  ],
  ['with half a document', 502, 'feed-invalid', (response) => response.end('[{"timestamp":1')],
  ['with an object instead of a list', 502, 'feed-invalid', (response) => response.end('{"rows":[]}')],
  ['of 100 MB', 502, 'feed-invalid', (response) => pour(response, `[${' '.repeat(1_000_000)}`, 100)],
  ['that never ends', 502, 'feed-invalid', (response) => pour(response, '[1,'.repeat(100_000), 1_000_000)],
  [
    'with a gzip bomb',
    502,
    'feed-invalid',
    (response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(BOMB);
    },
  ],
  ['nested 100,000 deep', 502, 'feed-invalid', (response) => response.end('['.repeat(100_000))],
  ['that redirects forever', 502, 'feed-unavailable', (response) => response.writeHead(302, { location: '/' }).end()],
];

describe('a feed', () => {
  it.each(broken)('%s is answered %i %s in time, and stored samples stay', async (_what, status, code, react) => {
    const before = await storedTimes();
    const memory = residentMib(api);
    feed.react((_, response) => react(response));
    const started = performance.now();
    const answer = await refresh();
    const ms = performance.now() - started;
    const after = await storedTimes();
    feed.react((_, response) => response.end(JSON.stringify(feedRows(10))));
    const next = await refresh();
    expect(JSON.parse(answer.body)).toMatchObject({ status, ...problemOf(code) });
    expect(after).toBe(before);
    expect(next.status).toBe(200);
    expect(ms).toBeLessThan(FEED_TIMEOUT_MS + OWN_MS);
    expect(residentMib(api) - memory).toBeLessThan(MAX_GROWTH_MIB);
  });

  it('has only its rows with wrong types or impossible times rejected', async () => {
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

  it('gives the same samples in any order', async () => {
    const rows = feedRows(60);
    feed.react((_, response) => response.end(JSON.stringify(rows)));
    await refresh();
    const before = await storedTimes();
    feed.react((_, response) => response.end(JSON.stringify(rows.toReversed())));
    expect(JSON.parse((await refresh()).body)).toMatchObject({ added: 0 });
    expect(await storedTimes()).toBe(before);
  });
});

describe('a junk feed below the size limit', () => {
  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/build.ts']);
  });

  it.each(junkFeeds)(
    'of %s is answered %i, within the memory limit, and blocks no other request',
    async (_what, status, body) => {
      const deployed = await startFramework('refresh', { source: 'dist/index.cjs', env });
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
      const answer = await send(`${deployed.url}/refresh`, { method: 'POST', timeoutMs: 15_000 });
      isOver = true;
      await watching;
      const peak = peakMib(deployed);
      await deployed.stop();
      expect(JSON.parse(answer.body)).toMatchObject(
        status === 200 ? { source: 'senticrypt' } : problemOf('feed-invalid'),
      );
      if (status !== 200) expect(await storedTimes()).toBe(before);
      expect(longestMs).toBeLessThan(MAX_WAIT_MS);
      expect(peak).toBeLessThan(FUNCTION_MIB);
    },
  );

  it('of any JSON gets a documented answer, and only valid samples are stored', async () => {
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

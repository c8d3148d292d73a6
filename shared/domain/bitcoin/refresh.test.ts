import { randomUUID } from 'node:crypto';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { command } from '../../../scripts/testing/served.ts';
import { Problem } from '../../problems/problem.ts';
import { closeRedis, closeSubscriptions, redis, subscribe } from '../../redis/index.ts';
import { HOUR_MS } from '../../timing.ts';
import { moveCursor, readProgress } from './feed-progress.ts';
import type { Feed, FeedPage, Sample } from './feeds/feed.ts';
import { kraken } from './feeds/kraken.ts';
import { refresh } from './refresh.ts';
import { readHours, sampleKey } from './samples.ts';
import { summaryChannel } from './summary-cache.ts';

/** Lets a test stall a refresh between computing its summary and storing it. */
let afterComputing = async (): Promise<void> => {};
vi.mock('./summary.ts', async (load) => {
  const actual = await load<typeof import('./summary.ts')>();
  const computeSummary: typeof actual.computeSummary = async (...args) => {
    const text = await actual.computeSummary(...args);
    await afterComputing();
    return text;
  };
  return { ...actual, computeSummary };
});

const HOUR = 451_577;
const NOW = (HOUR + 1) * HOUR_MS;
const server = setupServer();

beforeAll(() => server.listen({ onUnhandledFrame: 'bypass' }));
afterEach(() => server.resetHandlers());
afterAll(async () => {
  server.close();
  closeSubscriptions();
  await closeRedis();
});

const newName = () => `test-${randomUUID()}`;
const at = (ms: number, price = 100): Sample => ({ timeMs: HOUR * HOUR_MS + ms, price, sentiment: 0.1 });

type Step = Partial<FeedPage> | (() => Promise<FeedPage>);

/** A feed with one page for each step. Its cursors are page numbers. */
const feedOf = (steps: readonly Step[], name = newName()) => {
  const asked: (string | undefined)[] = [];
  const feed: Feed = {
    name,
    maxPages: 8,
    spacingMs: 1_000,
    read: async ({ cursor }) => {
      asked.push(cursor);
      const number = Number(cursor ?? 0);
      const step = steps[number];
      if (typeof step === 'function') return step();
      return { samples: [], rejected: 0, cursor: String(number + 1), isLast: number >= steps.length - 1, ...step };
    },
  };
  return { feed, asked };
};

/** A clock that moves only during pauses. */
const newTimer = () => {
  const pauses: number[] = [];
  const pause = async (ms: number) => pauses.push(ms);
  return { pauses, timer: { elapsedMs: () => pauses.reduce((sum, ms) => sum + ms, 0), pause } };
};

const fail = (code: 'feed-unavailable' | 'feed-timeout', retryAfterSeconds?: number) => () =>
  Promise.reject<FeedPage>(new Problem(code, 'no', { retryAfterSeconds }));

describe('a refresh', () => {
  it('stores what is new, counts duplicates, and changes nothing when repeated', async () => {
    const { feed } = feedOf([{ samples: [at(1), at(2), at(1, 7)], rejected: 4, cursor: undefined }]);
    const latest = new Date(HOUR * HOUR_MS + 2).toISOString();
    const common = { source: feed.name, received: 7, rejected: 4, latest, catching_up: false };
    expect(await refresh({ nowMs: NOW, feed })).toEqual({ ...common, added: 2, duplicates: 1 });
    expect(await refresh({ nowMs: NOW, feed })).toEqual({ ...common, added: 0, duplicates: 3 });
    expect(await readHours(feed.name, [HOUR])).toEqual([[at(1), at(2)]]);
  });

  it('has no latest sample when the feed sent none', async () => {
    const { feed } = feedOf([{}]);
    expect(await refresh({ nowMs: NOW, feed })).toMatchObject({ received: 0, latest: null });
  });

  it('writes the summary into the cache before it answers', async () => {
    const { feed } = feedOf([{ samples: [at(1)] }]);
    await refresh({ nowMs: NOW, feed });
    const text = await redis((client) => client.get(sampleKey(feed.name, 'kept-summary')));
    expect(JSON.parse(text?.slice(text.indexOf('{')) ?? '')).toMatchObject({
      source: feed.name,
      hourly_average_of_averages: [{ samples: 1 }],
    });
  });

  it('reads page after page, a second apart, and continues where the last refresh stopped', async () => {
    const { feed, asked } = feedOf(Array.from({ length: 10 }, (_, page) => ({ samples: [at(page)] })));
    const { timer, pauses } = newTimer();
    expect(await refresh({ nowMs: NOW, feed, timer })).toMatchObject({ added: 8, catching_up: true });
    expect(pauses).toEqual(Array.from({ length: 7 }, () => 1_000));
    expect(await refresh({ nowMs: NOW, feed, timer })).toMatchObject({ added: 2, catching_up: false });
    expect(asked).toEqual([undefined, '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('leaves the pages that it has no time for to the next refresh', async () => {
    const { feed, asked } = feedOf(Array.from({ length: 8 }, () => ({})));
    const { timer } = newTimer();
    const slow = { ...feed, spacingMs: 4_000 };
    expect(await refresh({ nowMs: NOW, feed: slow, timer })).toMatchObject({ catching_up: true });
    expect(asked).toHaveLength(3);
  });

  it('keeps what it fetched before the feed failed', async () => {
    const { feed } = feedOf([{ samples: [at(1)] }, fail('feed-timeout')]);
    const { timer } = newTimer();
    await expect(refresh({ nowMs: NOW, feed, timer })).rejects.toMatchObject({ code: 'feed-timeout' });
    expect(await readHours(feed.name, [HOUR])).toEqual([[at(1)]]);
    expect(await readProgress(feed.name)).toMatchObject({ cursor: '1', pauseSeconds: 0 });
    expect(await command('exists', sampleKey(feed.name, 'kept-summary'))).toBe(1);
  });

  it('does not call a feed again before its Retry-After has passed', async () => {
    const { feed, asked } = feedOf([fail('feed-unavailable', 30)]);
    const refusal = { code: 'feed-unavailable', headers: { 'retry-after': '30' } };
    await expect(refresh({ nowMs: NOW, feed })).rejects.toMatchObject(refusal);
    await expect(refresh({ nowMs: NOW, feed })).rejects.toMatchObject({ code: 'feed-unavailable' });
    expect(asked).toHaveLength(1);
  });

  it('calls a feed again that failed without a Retry-After', async () => {
    const { feed, asked } = feedOf([fail('feed-unavailable')]);
    await expect(refresh({ nowMs: NOW, feed })).rejects.toThrow();
    await expect(refresh({ nowMs: NOW, feed })).rejects.toThrow();
    expect(asked).toHaveLength(2);
  });

  it('does nothing while another refresh of the same feed runs', async () => {
    let release = () => {};
    const { feed, asked } = feedOf([
      () =>
        new Promise<FeedPage>((resolve) => {
          release = () => resolve({ samples: [], rejected: 0, cursor: undefined, isLast: true });
        }),
    ]);
    const first = refresh({ nowMs: NOW, feed });
    await expect.poll(() => asked.length).toBe(1);
    expect(await refresh({ nowMs: NOW, feed })).toBeUndefined();
    release();
    expect(await first).toMatchObject({ source: feed.name });
  });

  it('that lost its lock leaves the other pages and the cursor to the later refresh', async () => {
    const { feed, asked } = feedOf([
      async () => {
        await moveCursor(feed.name, 'newer', 99);
        return { samples: [at(1)], rejected: 0, cursor: '1', isLast: false };
      },
      {},
    ]);
    expect(await refresh({ nowMs: NOW, feed })).toMatchObject({ added: 1, catching_up: true });
    expect(asked).toEqual([undefined]);
    expect((await readProgress(feed.name)).cursor).toBe('newer');
  });
});

describe('a refresh that stalled for longer than its lease', () => {
  it('between computing the summary and storing it, neither stores nor announces it', async () => {
    const { feed } = feedOf([{ samples: [at(1)], cursor: undefined }]);
    const { feed: next } = feedOf([{ samples: [at(2)], cursor: undefined }], feed.name);
    const announced: string[] = [];
    const onMessage = (text: string) => announced.push(JSON.parse(text).as_of);
    await subscribe(summaryChannel(feed.name), { onMessage, onResume: () => {} });
    const computed = Promise.withResolvers<void>();
    const stalled = Promise.withResolvers<void>();
    afterComputing = async () => {
      computed.resolve();
      await stalled.promise;
    };
    const late = refresh({ nowMs: NOW, feed });
    await computed.promise;
    afterComputing = async () => {};
    await command('del', `{lock:refresh:${feed.name}}`);
    await refresh({ nowMs: NOW, feed: next });
    stalled.resolve();
    expect(await late).toMatchObject({ added: 1 });
    await redis((client) => client.publish(summaryChannel(feed.name), '{"as_of":"end"}'));
    await expect.poll(() => announced.at(-1)).toBe('end');
    const latest = new Date(at(2).timeMs).toISOString();
    expect(announced).toEqual([latest, 'end']);
    const text = await redis((client) => client.get(sampleKey(feed.name, 'kept-summary')));
    expect(JSON.parse(text?.slice(text.indexOf('{')) ?? '')).toMatchObject({
      as_of: latest,
      hourly_average_of_averages: [{ samples: 2 }],
    });
  });
});

describe("a day of Kraken's trades", () => {
  it('is read over a few refreshes, each trade once', async () => {
    const count = 24_000;
    const start = NOW / 1_000 - 86_400;
    const rows = Array.from({ length: count }, (_, id) => {
      const seconds = start + id * 3.6;
      return ['30000.00000', '0.10000000', seconds, id % 4 ? 'b' : 's', 'm', '', id + 1] as const;
    });
    const nano = (seconds: number) => BigInt(Math.round(seconds * 1e6)) * 1_000n;
    server.use(
      http.get('http://feed.test/0/public/Trades', ({ request }) => {
        const since = BigInt(new URL(request.url).searchParams.get('since') ?? 0);
        const first = rows.findIndex(([, , seconds]) => nano(seconds) > since);
        const page = first < 0 ? [] : rows.slice(first, first + 1_000);
        const end = page.at(-1);
        const last = String(end === undefined ? since : nano(end[2]));
        const headers = { date: new Date(NOW).toUTCString() };
        return HttpResponse.json({ error: [], result: { XXBTZUSD: page, last } }, { headers });
      }),
    );
    const feed = { ...kraken('http://feed.test'), name: newName() };
    const { timer } = newTimer();
    const results = [];
    do results.push(await refresh({ nowMs: NOW, feed, timer }));
    while (results.at(-1)?.catching_up);
    expect(results.map((result) => result?.catching_up)).toEqual([true, true, true, false]);
    // The last window has just ended, and Kraken may still add a trade to it.
    expect(results.reduce((sum, result) => sum + (result?.added ?? 0), 0)).toBe(2_879);
    const hours = await readHours(feed.name, [HOUR - 10, HOUR]);
    expect(hours.map((samples) => samples.length)).toEqual([120, 119]);
    expect(hours[0]?.[0]).toMatchObject({ price: 30_000 });
  });
});

import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyRedis } from '../../../scripts/testing/served.ts';
import { config } from '../../config/config.ts';
import { closeRedis, closeSubscriptions, redis } from '../../redis/index.ts';
import { HOUR_MS } from '../../timing.ts';
import { sampleKey, storeSamples } from './samples.ts';
import { readSummary, renewSummary, summaryChannel } from './summary-cache.ts';
import { followSummary } from './summary-events.ts';

/** PUBLISH on a cluster counts only the subscribers of one node. */
const isCluster = process.env.REDIS_CLUSTER === 'true';

const HOUR = 451_577;
const source = config().feed;

const add = async (seconds: number) => {
  const timeMs = HOUR * HOUR_MS + seconds * 1_000;
  await storeSamples(source, [{ timeMs, price: 100 + seconds, sentiment: 0.1 }]);
  await renewSummary({ source, latestMs: timeMs, fence: 1, announce: true }, Date.now());
};

/** Reads until the next `summary` event. */
const nextEvent = async (pieces: AsyncIterator<string>): Promise<{ id: string; as_of: string }> => {
  for (;;) {
    const { value, done } = await pieces.next();
    if (done) throw new Error('the stream ended');
    const [, id, data] = /^event: summary\nid: (\d+)\ndata: (.+)\n\n$/.exec(value) ?? [];
    if (id !== undefined) return { ...JSON.parse(data ?? ''), id };
  }
};

const follow = async (heartbeatMs?: number) => {
  const end = new AbortController();
  const stream = await followSummary(end.signal, heartbeatMs);
  return { end, pieces: stream[Symbol.asyncIterator]() };
};

beforeEach(emptyRedis);

afterAll(async () => {
  await closeSubscriptions();
  await closeRedis();
});

describe('the stream of summaries', () => {
  it('starts with the retry delay and the summary, then sends one after every refresh', async () => {
    await add(1);
    const { end, pieces } = await follow();
    expect((await pieces.next()).value).toBe('retry: 2000\n\n');
    expect(await nextEvent(pieces)).toMatchObject({ as_of: '2021-07-07T17:00:01.000Z' });
    await add(2);
    expect(await nextEvent(pieces)).toMatchObject({ as_of: '2021-07-07T17:00:02.000Z', id: '1625677202000' });
    end.abort();
  });

  it('sends a comment when nothing happens', async () => {
    const { end, pieces } = await follow(5);
    await pieces.next();
    // A summary that another test left in memory may come first.
    await expect.poll(async () => (await pieces.next()).value).toBe(': still here\n\n');
    end.abort();
  });

  it('ends when it is aborted, even while it waits for an event', async () => {
    const { end, pieces } = await follow();
    let last: IteratorResult<string> | undefined;
    const reading = (async () => {
      do last = await pieces.next();
      while (!last.done);
    })();
    end.abort();
    await reading;
    expect(last?.done).toBe(true);
  });

  it('ends by itself after its time limit', async () => {
    const pieces = await followSummary(new AbortController().signal, 5, 50);
    const all: string[] = [];
    for await (const piece of pieces) all.push(piece);
    expect(all[0]).toBe('retry: 2000\n\n');
  });

  it.skipIf(isCluster)('shares one subscription among all listeners, and sends each of them every event', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => follow()));
    await add(1);
    for (const { pieces } of all) await expect.poll(async () => (await nextEvent(pieces)).as_of).toContain('17:00:01');
    const text = await redis((client) => client.get(sampleKey(source, 'kept-summary')));
    expect(await redis((client) => client.publish(summaryChannel(source), text?.slice(text.indexOf('{')) ?? ''))).toBe(
      1,
    );
    for (const { end } of all) end.abort();
  });

  it('skips outdated summaries for a slow client', async () => {
    await add(1);
    const { end, pieces } = await follow();
    await nextEvent(pieces);
    await add(2);
    await add(3);
    await expect.poll(async () => JSON.parse((await readSummary(Date.now())).json).as_of).toContain('17:00:03');
    await expect.poll(async () => (await nextEvent(pieces)).as_of).toContain('17:00:03');
    end.abort();
  });
});

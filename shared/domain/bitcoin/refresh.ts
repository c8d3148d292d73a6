import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { withLock } from '../lock.ts';
import { moveCursor, readProgress, restFeed } from './feed-progress.ts';
import { chosenFeed, type Feed, feedName } from './feeds/index.ts';
import { latestSampleMs, storeSamples } from './samples.ts';
import { renewSummary } from './summary-cache.ts';

/** A refresh that died is forgotten after so long, and the next one may run. One that lives on moves no cursor. */
const LEASE_MS = 1_500;
/** A page is not asked for when less than this is left of FEED_TIMEOUT_MS: the next refresh goes on from there. */
const PAGE_MS = 1_000;

const count = z.int().min(0);

export const refreshResult = z
  .strictObject({
    source: feedName,
    received: count.meta({ description: 'Rows that the feed gave: added + duplicates + rejected' }),
    added: count,
    duplicates: count.meta({ description: 'Rows of a moment that is stored already; the first value stays' }),
    rejected: count.meta({ description: 'Rows, or trades, without a price, sentiment or time that can be true' }),
    latest: z.iso.datetime().nullable().meta({ description: 'Time of the latest stored sample' }),
    catching_up: z.boolean().meta({ description: 'The feed has more; the next refresh goes on' }),
  })
  .meta({ id: 'RefreshResult' });

export const alreadyRunning = z.strictObject({ status: z.literal('already-running') }).meta({ id: 'AlreadyRunning' });

export type RefreshResult = z.infer<typeof refreshResult>;

/** The passing of time within a refresh. */
export interface Timer {
  readonly elapsedMs: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
}

interface RefreshOptions {
  readonly nowMs?: number;
  readonly feed?: Feed;
  readonly timer?: Timer;
}

interface Run {
  readonly feed: Feed;
  readonly nowMs: number;
  readonly timer: Timer;
  readonly fence: number;
}

const startTally = () => ({ received: 0, added: 0, duplicates: 0, rejected: 0, catching_up: true });

/** Page after page: the rows are stored, then the cursor moves, so that a crash repeats work and loses none. */
const readPages = async (
  { feed, nowMs, timer, fence }: Run,
  first: string | undefined,
  tally: ReturnType<typeof startTally>,
): Promise<void> => {
  const { feedTimeoutMs } = config();
  const signal = AbortSignal.timeout(feedTimeoutMs);
  const endMs = timer.elapsedMs() + feedTimeoutMs;
  let cursor = first;
  for (let left = feed.maxPages; left > 0; left -= 1) {
    const startedMs = timer.elapsedMs();
    const page = await feed.read({ cursor, nowMs, signal });
    const added = await storeSamples(feed.name, page.samples);
    tally.received += page.samples.length + page.rejected;
    tally.added += added;
    tally.duplicates += page.samples.length - added;
    tally.rejected += page.rejected;
    if (page.cursor !== undefined && !(await moveCursor(feed.name, page.cursor, fence))) return;
    if (page.isLast) {
      tally.catching_up = false;
      return;
    }
    cursor = page.cursor;
    const waitMs = Math.max(0, startedMs + feed.spacingMs - timer.elapsedMs());
    if (left === 1 || timer.elapsedMs() + waitMs + PAGE_MS > endMs) return;
    await timer.pause(waitMs);
  }
};

const run = async (options: Run): Promise<RefreshResult> => {
  const { feed, nowMs } = options;
  const { cursor, restSeconds } = await readProgress(feed.name);
  if (restSeconds > 0) {
    throw new Problem('feed-unavailable', `The feed asked to be left alone for another ${restSeconds} seconds.`, {
      retryAfterSeconds: restSeconds,
    });
  }
  const tally = startTally();
  let fault: Problem | undefined;
  try {
    await readPages(options, cursor, tally);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    fault = error;
  }
  await renewSummary(feed.name, tally.added > 0, nowMs);
  if (fault !== undefined) {
    const restSeconds = Number(fault.headers['retry-after']);
    if (fault.code === 'feed-unavailable' && restSeconds > 0) await restFeed(feed.name, restSeconds);
    throw fault;
  }
  const latestMs = await latestSampleMs(feed.name);
  const latest = latestMs === undefined ? null : new Date(latestMs).toISOString();
  const { catching_up, ...counts } = tally;
  return { source: feed.name, ...counts, latest, catching_up };
};

/**
 * Fetches what the feed has, stores what is new and writes the summary into the cache; tells all instances when
 * something was added. What was fetched before a fault is stored. Repeating it changes nothing.
 * @returns undefined while another refresh of this feed runs
 * @throws Problem feed-invalid, feed-unavailable, feed-timeout, redis-unavailable
 */
export const refresh = ({
  nowMs = Date.now(),
  feed = chosenFeed(),
  timer = { elapsedMs: () => performance.now(), pause },
}: RefreshOptions = {}): Promise<RefreshResult | undefined> =>
  withLock({ name: `refresh:${feed.name}`, leaseMs: LEASE_MS }, (fence) => run({ feed, nowMs, timer, fence }));

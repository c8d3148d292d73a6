import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { withLock } from '../lock.ts';
import { moveCursor, readProgress, restFeed } from './feed-progress.ts';
import { chosenFeed } from './feeds/chosen-feed.ts';
import { type Feed, type FeedPage, feedName } from './feeds/feed.ts';
import { storeSamples } from './samples.ts';
import { renewSummary } from './summary-cache.ts';

/** A refresh that died is forgotten after this, and the next one may run. One that only stood still writes no more. */
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

interface Run extends Required<RefreshOptions> {
  readonly fence: number;
}

const startTally = (latestMs: number | undefined) => {
  return { received: 0, added: 0, duplicates: 0, rejected: 0, catching_up: true, latestMs };
};

type Tally = ReturnType<typeof startTally>;

const addPage = (tally: Tally, { samples, rejected }: FeedPage, added: number): void => {
  tally.received += samples.length + rejected;
  tally.added += added;
  tally.duplicates += samples.length - added;
  tally.rejected += rejected;
  for (const { timeMs } of samples) tally.latestMs = Math.max(tally.latestMs ?? timeMs, timeMs);
};

/**
 * Page after page: the rows are stored, then the cursor moves, so that a crash repeats work and loses none.
 * @returns the cursor that is still to be moved to: that of the last page
 */
const readPages = async (
  { feed, nowMs, timer, fence }: Run,
  first: string | undefined,
  tally: Tally,
): Promise<string | undefined> => {
  const { feedTimeoutMs } = config();
  const signal = AbortSignal.timeout(feedTimeoutMs);
  const endMs = timer.elapsedMs() + feedTimeoutMs;
  let cursor = first;
  for (let left = feed.maxPages; left > 0; left -= 1) {
    const startedMs = timer.elapsedMs();
    const page = await feed.read({ cursor, nowMs, signal });
    addPage(tally, page, await storeSamples(feed.name, page.samples, signal));
    if (signal.aborted) throw new Problem('feed-timeout', 'The feed could not be read and stored in time.');
    tally.catching_up = !page.isLast;
    const waitMs = Math.max(0, startedMs + feed.spacingMs - timer.elapsedMs());
    if (page.isLast || left === 1 || timer.elapsedMs() + waitMs + PAGE_MS > endMs) return page.cursor;
    if (page.cursor !== undefined && !(await moveCursor(feed.name, page.cursor, fence))) return undefined;
    cursor = page.cursor;
    await timer.pause(waitMs);
  }
  return undefined;
};

const run = async (options: Run, progress: Awaited<ReturnType<typeof readProgress>>): Promise<RefreshResult> => {
  const { feed, nowMs, fence } = options;
  const { cursor, restSeconds } = progress;
  if (restSeconds > 0) {
    throw new Problem('feed-unavailable', `The feed asked to be left alone for another ${restSeconds} seconds.`, {
      retryAfterSeconds: restSeconds,
    });
  }
  const tally = startTally(progress.latestMs);
  let next: string | undefined;
  let fault: Problem | undefined;
  try {
    next = await readPages(options, cursor, tally);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    fault = error;
  }
  const { catching_up, latestMs, ...counts } = tally;
  const renewal = { source: feed.name, fence, announce: counts.added > 0 };
  await Promise.all([
    next !== undefined && moveCursor(feed.name, next, fence),
    latestMs !== undefined && renewSummary({ ...renewal, latestMs }, nowMs),
  ]);
  if (fault !== undefined) {
    const restSeconds = Number(fault.headers['retry-after']);
    if (fault.code === 'feed-unavailable' && restSeconds > 0) await restFeed(feed.name, restSeconds);
    throw fault;
  }
  const latest = latestMs === undefined ? null : new Date(latestMs).toISOString();
  return { source: feed.name, ...counts, latest, catching_up };
};

/**
 * Fetches what the feed has, stores what is new and writes the summary into the cache; all instances are notified when
 * something was added. What was fetched before a fault is stored. Repeating it changes nothing.
 * @returns undefined while another refresh of this feed runs
 * @throws Problem feed-invalid, feed-unavailable, feed-timeout, redis-unavailable
 */
export const refresh = ({
  nowMs = Date.now(),
  feed = chosenFeed(),
  timer = { elapsedMs: () => performance.now(), pause },
}: RefreshOptions = {}): Promise<RefreshResult | undefined> => {
  const lock = { name: `refresh:${feed.name}`, leaseMs: LEASE_MS };
  const refreshing = withLock(lock, async (fence) => run({ feed, nowMs, timer, fence }, await progress));
  // Sent right behind the lock's command, in the same trip.
  const progress = readProgress(feed.name);
  progress.catch(() => {});
  return refreshing;
};

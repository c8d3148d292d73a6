import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { withLock } from '../lock.ts';
import { moveCursor, pauseFeed, readProgress } from './feed-progress.ts';
import { chosenFeed } from './feeds/chosen-feed.ts';
import { type Feed, type FeedPage, feedName } from './feeds/feed.ts';
import { storeSamples } from './samples.ts';
import { renewSummary } from './summary-cache.ts';

/** How soon the next refresh may run after one has crashed. One that only stalled cannot write any more by then. */
const LEASE_MS = 1_500;
/** The least time left of FEED_TIMEOUT_MS for another page. The next refresh continues from there. */
const PAGE_MS = 1_000;

const count = z.int().min(0);

export const refreshResult = z
  .strictObject({
    source: feedName,
    received: count.meta({ description: 'Rows that the feed sent: added + duplicates + rejected' }),
    added: count,
    duplicates: count.meta({ description: 'Rows for a moment that is stored already; the first value stays' }),
    rejected: count.meta({ description: 'Rows or trades whose price, sentiment or time is missing or impossible' }),
    latest: z.iso.datetime().nullable().meta({ description: 'Time of the latest stored sample' }),
    catching_up: z.boolean().meta({ description: 'Whether the feed has more, which the next refresh reads' }),
  })
  .meta({ id: 'RefreshResult' });

export const alreadyRunning = z.strictObject({ status: z.literal('already-running') }).meta({ id: 'AlreadyRunning' });

type RefreshResult = z.infer<typeof refreshResult>;

interface RefreshOptions {
  readonly nowMs?: number;
  readonly feed?: Feed;
  /** The clock and the pauses within a refresh. */
  readonly timer?: { readonly elapsedMs: () => number; readonly pause: (ms: number) => Promise<unknown> };
}

interface Run extends Required<RefreshOptions> {
  readonly fence: number;
}

type Tally = Omit<RefreshResult, 'source' | 'latest'> & { latestMs: number | undefined };

const addPage = (tally: Tally, { samples, rejected, isLast }: FeedPage, added: number): void => {
  tally.received += samples.length + rejected;
  tally.added += added;
  tally.duplicates += samples.length - added;
  tally.rejected += rejected;
  for (const { timeMs } of samples) tally.latestMs = Math.max(tally.latestMs ?? timeMs, timeMs);
  tally.catching_up = !isLast;
};

/**
 * Stores the samples of one page after another. The cursor moves after each, so that a crash repeats work and loses none.
 * @returns the cursor of the last page, which the caller has to move
 */
const readPages = async ({ feed, nowMs, timer, fence }: Run, first: string | undefined, tally: Tally) => {
  const { feedTimeoutMs } = config();
  const signal = AbortSignal.timeout(feedTimeoutMs);
  const endMs = timer.elapsedMs() + feedTimeoutMs;
  let cursor = first;
  for (let left = feed.maxPages; left > 0; left -= 1) {
    const startedMs = timer.elapsedMs();
    const page = await feed.read({ cursor, nowMs, signal });
    addPage(tally, page, await storeSamples(feed.name, page.samples, signal));
    if (signal.aborted) throw new Problem('feed-timeout', 'The feed could not be read and stored in time.');
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
  const { cursor, pauseSeconds } = progress;
  if (pauseSeconds > 0) {
    const detail = `The feed asked not to be called for another ${pauseSeconds} seconds.`;
    throw new Problem('feed-unavailable', detail, { retryAfterSeconds: pauseSeconds });
  }
  const tally = { received: 0, added: 0, duplicates: 0, rejected: 0, catching_up: true, latestMs: progress.latestMs };
  let next: string | undefined;
  let problem: Problem | undefined;
  try {
    next = await readPages(options, cursor, tally);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    problem = error;
  }
  const { catching_up, latestMs, ...counts } = tally;
  const renewal = { source: feed.name, fence, announce: counts.added > 0 };
  await Promise.all([
    next !== undefined && moveCursor(feed.name, next, fence),
    latestMs !== undefined && renewSummary({ ...renewal, latestMs }, nowMs),
  ]);
  if (problem !== undefined) {
    const seconds = Number(problem.headers['retry-after']);
    if (problem.code === 'feed-unavailable' && seconds > 0) await pauseFeed(feed.name, seconds);
    throw problem;
  }
  const latest = latestMs === undefined ? null : new Date(latestMs).toISOString();
  return { source: feed.name, ...counts, latest, catching_up };
};

/**
 * Reads the feed, stores what is new, writes the summary into the cache and announces it to all instances if anything was
 * added. Samples read before an error are stored. Safe to repeat.
 * @returns undefined while another refresh of this feed runs
 * @throws Problem feed-invalid, feed-unavailable, feed-timeout, redis-unavailable
 */
export const refresh = ({
  nowMs = Date.now(),
  feed = chosenFeed(),
  timer = { elapsedMs: () => performance.now(), pause },
}: RefreshOptions = {}): Promise<RefreshResult | undefined> => {
  const name = `refresh:${feed.name}`;
  const refreshing = withLock(name, LEASE_MS, async (fence) => run({ feed, nowMs, timer, fence }, await progress));
  // Sent in the same trip as the lock's command.
  const progress = readProgress(feed.name);
  progress.catch(() => {});
  return refreshing;
};

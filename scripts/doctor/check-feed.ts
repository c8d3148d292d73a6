import type { Config } from '../../shared/config/config.ts';
import { chosenFeed } from '../../shared/domain/bitcoin/feeds/chosen-feed.ts';
import { cursorAt, printCursor } from '../../shared/domain/bitcoin/feeds/kraken.ts';
import { latestSampleMs } from '../../shared/domain/bitcoin/samples.ts';
import { STALE_AFTER_SECONDS } from '../../shared/domain/bitcoin/summary.ts';
import { Problem } from '../../shared/problems/problem.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

const STALE_MS = STALE_AFTER_SECONDS * 1_000;

const minutes = (ms: number): string => {
  const count = Math.round(ms / 60_000);
  return count < 120 ? `${count} minutes` : `${Math.round(count / 60).toLocaleString('en')} hours`;
};

/** Whether the configured feed answers with current rows. */
export const feedFinding = async ({ feed, feedTimeoutMs }: Config, nowMs: number): Promise<Finding> => {
  const cursor = feed === 'kraken' ? printCursor(cursorAt(Math.floor((nowMs - STALE_MS) / 1_000))) : undefined;
  const another = `FEED=${feed === 'kraken' ? 'senticrypt' : 'kraken'}`;
  try {
    const signal = AbortSignal.timeout(feedTimeoutMs);
    const { samples } = await chosenFeed().read({ cursor, nowMs, signal });
    const ageMs = nowMs - Math.max(...samples.map(({ timeMs }) => timeMs));
    if (ageMs <= STALE_MS) return ok(`The feed ${feed} is up to date`);
    return samples.length === 0
      ? warning(`The feed ${feed} returned no rows`, `Try again in a minute, or set ${another}.`)
      : warning(
          `The feed ${feed} is frozen: its newest row is ${minutes(ageMs)} old`,
          `Set ${another} for current data.`,
        );
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return fault(
      `The feed ${feed} cannot be used: ${error.message}`,
      `Check that this network allows outgoing HTTPS (functions: --vpc-egress=private-ranges-only), and ${feed.toUpperCase()}_URL; or set ${another}.`,
    );
  }
};

/** How old the stored samples are. */
export const dataFinding = async ({ feed }: Config, nowMs: number): Promise<Finding> => {
  const latest = await latestSampleMs(feed);
  if (latest === undefined) {
    return warning(
      `No sample of the feed ${feed} is stored`,
      'Call POST /refresh. In Google Cloud, check that Cloud Scheduler’s job is enabled.',
    );
  }
  return nowMs - latest <= STALE_MS
    ? ok(`The newest stored sample is ${minutes(nowMs - latest)} old`)
    : warning(
        `The stored data is stale: its newest sample is ${minutes(nowMs - latest)} old`,
        'If the feed is up to date, check Cloud Scheduler’s job and the log of the function refresh.',
      );
};

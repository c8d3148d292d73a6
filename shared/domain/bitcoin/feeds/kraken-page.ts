import * as z from 'zod';
import { Problem } from '../../../problems/problem.ts';
import { DECIMAL, parseDecimal } from './decimal.ts';
import { isFuture, isPlausibleTime } from './feed.ts';
import { boundRetryAfter } from './fetch-json.ts';
import { nanoseconds } from './kraken-cursor.ts';
import type { Trade } from './trade-window.ts';

const answer = z.object({
  error: z.array(z.string()),
  result: z.record(z.string(), z.unknown()).optional(),
});

const positive = z
  .string()
  .regex(DECIMAL)
  .transform(parseDecimal)
  .refine((value) => value > 0n);

/** [price, volume, time, side, type, misc, id]; the id is absent in old trades. */
const trade = z.tuple([positive, positive, z.number(), z.enum(['b', 's'])], z.unknown());

const toTrade = (value: unknown, nowMs: number): Trade | undefined => {
  const { data } = trade.safeParse(value);
  if (data === undefined) return undefined;
  const [price, volume, seconds, side, , , id] = data;
  const key = typeof id === 'number' ? String(id) : `${seconds} ${price} ${volume} ${side}`;
  return isPlausibleTime(seconds * 1_000, nowMs) ? { key, seconds, price, volume, isBuy: side === 'b' } : undefined;
};

/** Kraken reports errors with status 200; one of them names the time from which it will answer again. */
const toProblem = (errors: readonly string[], nowMs: number): Problem => {
  const until = errors.map((error) => /^EService: ?Throttled: ?(\d{1,12})$/.exec(error)?.[1]).find(Boolean);
  const known = errors.filter((error) => /^E[\w :.,-]{1,80}$/.test(error));
  return new Problem('feed-unavailable', `Kraken answered with an error: ${known.join('; ') || 'unknown'}.`, {
    retryAfterSeconds: until === undefined ? undefined : boundRetryAfter(Number(until) - nowMs / 1_000),
  });
};

const nonsense = (what: string) => new Problem('feed-invalid', `Kraken's answer has ${what}.`);

export interface KrakenPage {
  readonly trades: readonly Trade[];
  readonly rejected: number;
  /** The `since` of the next page, nanoseconds. */
  readonly last: bigint;
}

/** @throws Problem feed-unavailable for an error that Kraken reports, feed-invalid for an answer of another form */
export const parsePage = (value: unknown, nowMs: number): KrakenPage => {
  const { data } = answer.safeParse(value);
  if (data === undefined) throw nonsense('another form than an error list and a result');
  if (data.error.length > 0) throw toProblem(data.error, nowMs);
  const { last: lastText, ...pairs } = data.result ?? {};
  const last = nanoseconds.safeParse(lastText).data;
  if (last === undefined) throw nonsense('no "last" of nanoseconds as text');
  // Followed, it would leave out all that happens until then.
  if (isFuture(Number(last / 1_000_000n), nowMs)) throw nonsense('a "last" in the future');
  // The key is Kraken's own name of the pair, which is not the one that was asked for.
  const [rows, ...others] = Object.values(pairs);
  if (!Array.isArray(rows) || others.length > 0) throw nonsense('no single list of trades');
  const trades = rows.map((each) => toTrade(each, nowMs)).filter((each) => each !== undefined);
  return { trades, rejected: rows.length - trades.length, last };
};

import * as z from 'zod';
import { Problem } from '../../../problems/problem.ts';
import { isFuture, isPlausibleTime, numberOf } from './feed.ts';
import { boundRetryAfter } from './fetch-rows.ts';
import { nanoseconds } from './kraken-cursor.ts';
import { DECIMAL, parseDecimal, type Trade } from './trade-window.ts';

const answer = z.object({
  error: z.array(z.string()),
  result: z.record(z.string(), z.unknown()).optional(),
});

/** 0 for anything but a decimal. */
const decimalOf = (value: unknown): bigint =>
  typeof value === 'string' && DECIMAL.test(value) ? parseDecimal(value) : 0n;

/** The trade in [price, volume, time, side, type, misc, id], whose id old trades lack; undefined when none can be. */
export const parseTrade = (value: unknown, nowMs: number): Trade | undefined => {
  if (!Array.isArray(value)) return undefined;
  const [priceText, volumeText, time, side, , , id]: readonly unknown[] = value;
  const price = decimalOf(priceText);
  const volume = decimalOf(volumeText);
  const seconds = numberOf(time);
  const isPossible = price > 0n && volume > 0n && (side === 'b' || side === 's');
  if (!isPossible || !isPlausibleTime(seconds * 1_000, nowMs)) return undefined;
  const key = typeof id === 'number' ? String(id) : `${seconds} ${price} ${volume} ${side}`;
  return { key, seconds, price, volume, isBuy: side === 'b' };
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

/**
 * The `last` of an answer whose list of trades has been taken out.
 * @throws Problem feed-unavailable for an error that Kraken reports, feed-invalid for an answer of another form
 */
export const parseLast = (frame: unknown, nowMs: number): bigint => {
  const { data } = answer.safeParse(frame);
  if (data === undefined) throw nonsense('another form than an error list and a result');
  if (data.error.length > 0) throw toProblem(data.error, nowMs);
  const { last: lastText, ...pairs } = data.result ?? {};
  const last = nanoseconds.safeParse(lastText).data;
  if (last === undefined) throw nonsense('no "last" of nanoseconds as text');
  // Followed, it would leave out all that happens until then.
  if (isFuture(Number(last / 1_000_000n), nowMs)) throw nonsense('a "last" in the future');
  // The key is Kraken's own name of the pair, which is not the one that was asked for.
  const [list, ...others] = Object.values(pairs);
  if (!Array.isArray(list) || others.length > 0) throw nonsense('no single list of trades');
  return last;
};

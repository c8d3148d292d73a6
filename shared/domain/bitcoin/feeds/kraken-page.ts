import * as z from 'zod';
import { Problem } from '../../../problems/problem.ts';
import { feedInvalid, isFuture, isPlausibleTime, numberOf } from './feed.ts';
import { boundRetryAfter } from './fetch-rows.ts';
import { parseDecimal, type Trade } from './trade-window.ts';

/** A count of nanoseconds as a string, because it exceeds 2^53. */
export const nanoseconds = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt);

const answer = z.object({
  error: z.array(z.string()),
  result: z.record(z.string(), z.unknown()).optional(),
});

/** Parses [price, volume, time, side, type, misc, id]; old trades have no id. Undefined for an invalid trade. */
export const parseTrade = (value: unknown, nowMs: number): Trade | undefined => {
  if (!Array.isArray(value)) return undefined;
  const [priceText, volumeText, time, side, , , id]: readonly unknown[] = value;
  const price = parseDecimal(priceText);
  const volume = parseDecimal(volumeText);
  const seconds = numberOf(time);
  const isPossible = price > 0n && volume > 0n && (side === 'b' || side === 's');
  if (!isPossible || !isPlausibleTime(seconds * 1_000, nowMs)) return undefined;
  const key = typeof id === 'number' ? String(id) : `${seconds} ${price} ${volume} ${side}`;
  return { key, seconds, price, volume, isBuy: side === 'b' };
};

/** Kraken reports errors with status 200. Its throttling error says when to try again. */
const toProblem = (errors: readonly string[], nowMs: number): Problem => {
  const until = errors.map((error) => /^EService: ?Throttled: ?(\d{1,12})$/.exec(error)?.[1]).find(Boolean);
  const known = errors.filter((error) => /^E[\w :.,-]{1,80}$/.test(error));
  return new Problem('feed-unavailable', `Kraken answered with an error: ${known.join('; ') || 'unknown'}.`, {
    retryAfterSeconds: until === undefined ? undefined : boundRetryAfter(Number(until) - nowMs / 1_000),
  });
};

/**
 * The `last` of an answer, which is the `since` of the next request, in nanoseconds.
 * @param frame the answer with its list of trades emptied
 * @throws Problem feed-unavailable for an error that Kraken reports, feed-invalid for an unexpected answer
 */
export const parseLast = (frame: unknown, nowMs: number): bigint => {
  const { data } = answer.safeParse(frame);
  if (data === undefined) throw feedInvalid('something other than a list of errors and a result');
  if (data.error.length > 0) throw toProblem(data.error, nowMs);
  const { last: lastText, ...pairs } = data.result ?? {};
  const last = nanoseconds.safeParse(lastText).data;
  if (last === undefined) throw feedInvalid('no "last" with nanoseconds as a string');
  // Following it would skip every trade until then.
  if (isFuture(Number(last / 1_000_000n), nowMs)) throw feedInvalid('a "last" in the future');
  // Kraken names the pair in its own way, which differs from the name in the request.
  const [list, ...others] = Object.values(pairs);
  if (!Array.isArray(list) || others.length > 0) throw feedInvalid('no list of trades, or more than one');
  return last;
};

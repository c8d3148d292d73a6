import * as z from 'zod';
import { openWindow, windowStart } from './trade-window.ts';

/** A count of nanoseconds as text: past 2^53, so never a number. */
export const nanoseconds = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt);

const amount = z
  .string()
  .regex(/^\d{1,60}$/)
  .transform(BigInt);

/**
 * Where reading stands, whole: what `since` must be next, the sums of the window that is still open, and the trades
 * that the next page may repeat. So a page is a step of its own: after a crash it is taken again from the same place,
 * with the same rows, and a window of any number of pages comes to its end.
 */
const cursor = z.object({
  since: nanoseconds,
  open: z.object({ start: z.int(), turnover: amount, bought: amount, sold: amount }),
  edge: z.array(z.string()),
});

export type KrakenCursor = Readonly<z.infer<typeof cursor>>;

export const printCursor = (value: KrakenCursor): string =>
  JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? String(field) : field));

const parseText = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Undefined for a text that `printCursor` did not make: reading then starts over, and repeats what is stored. */
export const parseCursor = (text: string): KrakenCursor | undefined => cursor.safeParse(parseText(text)).data;

/** Before the first trade of the window at `seconds`, whether or not the feed counts `since` itself in. */
export const cursorAt = (seconds: number): KrakenCursor => {
  const start = windowStart(seconds);
  return { since: BigInt(start) * 1_000_000_000n - 1n, open: openWindow(start), edge: [] };
};

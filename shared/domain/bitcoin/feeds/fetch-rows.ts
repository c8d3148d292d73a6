import { setImmediate as nextTurn } from 'node:timers/promises';
import { Problem } from '../../../problems/problem.ts';
import { feedInvalid } from './feed.ts';
import { requestFeed } from './feed-request.ts';
import { createRowSplitter } from './row-splitter.ts';

/** 45 times the largest real answer. Counted after decompression, which stops a gzip bomb. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** 40 times as many as a real answer has. */
const MAX_ROWS = 100_000;
/** How long parsing may block other requests at a stretch. */
const TURN_MS = 10;
/** Caps Retry-After, so that one bad header cannot stop refreshes for a day. */
const MAX_RETRY_AFTER_SECONDS = 3_600;

/** Whole seconds until the next request, at most an hour; undefined for zero, a negative number and NaN. */
export const boundRetryAfter = (seconds: number): number | undefined =>
  seconds > 0 ? Math.min(Math.ceil(seconds), MAX_RETRY_AFTER_SECONDS) : undefined;

/** RFC 9110 allows seconds or a date. */
const readRetryAfter = (text: string, nowMs: number): number | undefined =>
  boundRetryAfter(/^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - nowMs) / 1_000);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw feedInvalid('something other than the expected JSON', cause);
  }
};

interface RowsRequest<T> {
  /** How many brackets enclose a row: 1 if the document is a list of rows. */
  readonly depth: number;
  /** Undefined rejects the row. */
  readonly toRow: (value: unknown) => T | undefined;
  readonly nowMs: number;
  /** Aborted when the time limit for reading and parsing has passed. */
  readonly signal: AbortSignal;
}

const readRows = async <T>(body: AsyncIterable<Uint8Array>, { depth, toRow, signal }: RowsRequest<T>) => {
  const splitter = createRowSplitter(depth);
  const rows: T[] = [];
  let size = 0;
  let rejected = 0;
  let turnStartMs = performance.now();
  const isTurnOver = (): boolean => performance.now() - turnStartMs > TURN_MS;
  const takeNextTurn = async (): Promise<void> => {
    await nextTurn(undefined, { signal });
    turnStartMs = performance.now();
  };
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw feedInvalid('more than 16 MiB');
    for (const text of splitter.split(chunk)) {
      const row = text === undefined ? undefined : toRow(parse(text));
      if (row === undefined) rejected += 1;
      else rows.push(row);
      if (rows.length + rejected > MAX_ROWS) throw feedInvalid(`more than ${MAX_ROWS} rows`);
      if (isTurnOver()) await takeNextTurn();
    }
    if (isTurnOver()) await takeNextTurn();
  }
  const frame = parse(splitter.takeFrame() ?? '');
  if (rejected > 0 && rows.length === 0) throw feedInvalid(`${rejected} rows, none of them valid`);
  return { frame, rows, rejected };
};

/**
 * Fetches and parses the rows of a JSON document, all before `signal` aborts. Other requests never wait for more than a
 * few rows, and memory holds only the valid ones.
 * @returns the document with its lists of rows emptied, the valid rows, the number of rejected ones, and the feed's clock
 * from its Date header, NaN without one
 * @throws Problem feed-invalid for anything but JSON, for more than 16 MiB or 100,000 rows, and for rows that are all
 * invalid; feed-timeout when `signal` aborts; feed-unavailable otherwise, with the feed's Retry-After
 */
export const fetchRows = async <T>(url: URL, request: RowsRequest<T>) => {
  const { nowMs, signal } = request;
  try {
    const { status, headers, body } = await requestFeed(url, signal);
    if (status < 200 || status > 299) {
      body.destroy();
      const retryAfterSeconds = readRetryAfter(headers['retry-after'] ?? '', nowMs);
      throw new Problem('feed-unavailable', `The feed answered with status ${status}.`, { retryAfterSeconds });
    }
    return { ...(await readRows(body, request)), dateMs: Date.parse(headers.date ?? '') };
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    if (signal.aborted) throw new Problem('feed-timeout', 'The feed did not answer in time.', { cause });
    throw new Problem('feed-unavailable', 'The feed cannot be reached, or the connection broke.', { cause });
  }
};

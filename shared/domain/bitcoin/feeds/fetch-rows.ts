import { setImmediate as nextTurn } from 'node:timers/promises';
import { Problem } from '../../../problems/problem.ts';
import { requestFeed } from './feed-request.ts';
import { createRowSplitter } from './row-splitter.ts';

/** 45 times the largest real answer. Counted after decompression, so that a gzip bomb is cut off as well. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** 40 times as many as a real answer has. */
const MAX_ROWS = 100_000;
/** Reading gives way to other requests this often. */
const TURN_MS = 10;
/** A feed that names a later time than this is not believed: nothing would be read for a day. */
const MAX_RETRY_AFTER_SECONDS = 3_600;

/** Whole seconds that a feed may ask to be left alone; undefined when it asks for nothing sensible. */
export const boundRetryAfter = (seconds: number): number | undefined =>
  seconds > 0 ? Math.min(Math.ceil(seconds), MAX_RETRY_AFTER_SECONDS) : undefined;

/** Seconds, or the date of RFC 9110. */
const readRetryAfter = (text: string, nowMs: number): number | undefined =>
  boundRetryAfter(/^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - nowMs) / 1_000);

const invalid = (what: string, cause?: unknown) => new Problem('feed-invalid', `The feed sent ${what}.`, { cause });

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('something that is not the JSON expected of it', cause);
  }
};

/** Lets other requests run whenever this one has run for TURN_MS; throws once `signal` is aborted. */
const createTurns = (signal: AbortSignal) => {
  let startedMs = performance.now();
  return {
    isOver: (): boolean => performance.now() - startedMs > TURN_MS,
    next: async (): Promise<void> => {
      await nextTurn(undefined, { signal });
      startedMs = performance.now();
    },
  };
};

interface RowsRequest<T> {
  /** How many brackets deep the rows lie: 1 for a document that is a list of rows. */
  readonly depth: number;
  /** The row that a value stands for, or undefined for one that cannot be true. */
  readonly toRow: (value: unknown) => T | undefined;
  readonly nowMs: number;
  /** Aborted when the time for reading and parsing is over. */
  readonly signal: AbortSignal;
}

const readRows = async <T>(body: AsyncIterable<Uint8Array>, { depth, toRow, signal }: RowsRequest<T>) => {
  const splitter = createRowSplitter(depth);
  const turns = createTurns(signal);
  const rows: T[] = [];
  let size = 0;
  let rejected = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw invalid('more than 16 MiB');
    for (const text of splitter.split(chunk)) {
      const row = text === undefined ? undefined : toRow(parse(text));
      if (row === undefined) rejected += 1;
      else rows.push(row);
      if (rows.length + rejected > MAX_ROWS) throw invalid(`more than ${MAX_ROWS} rows`);
      if (turns.isOver()) await turns.next();
    }
    if (turns.isOver()) await turns.next();
  }
  const frame = parse(splitter.takeFrame() ?? '');
  if (rejected > 0 && rows.length === 0) throw invalid(`${rejected} rows, and none of them is valid`);
  return { frame, rows, rejected };
};

/**
 * Reads the rows of a JSON document, headers, body and parsing within the time of `signal`. Other requests never wait
 * longer than for a few rows, and memory holds only the valid ones.
 * @returns the document with its lists of rows empty, the rows, how many values were none, and the feed's own clock from
 * its Date header, NaN when it sent none
 * @throws Problem feed-invalid for what is not JSON, over 16 MiB or 100,000 rows, or has rows and no valid one;
 * feed-timeout when `signal` is aborted; feed-unavailable for all else, with Retry-After where the feed gave one
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
    throw new Problem('feed-unavailable', 'The feed cannot be reached, or broke off.', { cause });
  }
};

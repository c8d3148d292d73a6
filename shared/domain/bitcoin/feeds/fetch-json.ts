import { Problem } from '../../../problems/problem.ts';

/** 45 times the largest real answer. Counted after decompression, so that a gzip bomb is cut off as well. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** A feed that names a later time than this is not believed: nobody would look again for a day. */
const MAX_RETRY_AFTER_SECONDS = 3_600;

/** Whole seconds that a feed may ask to be left alone; undefined when it asks for nothing sensible. */
export const boundRetryAfter = (seconds: number): number | undefined =>
  seconds > 0 ? Math.min(Math.ceil(seconds), MAX_RETRY_AFTER_SECONDS) : undefined;

/** Seconds, or the date of RFC 9110. */
const retryAfterOf = (headers: Headers, nowMs: number): number | undefined => {
  const text = headers.get('retry-after') ?? '';
  return boundRetryAfter(/^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - nowMs) / 1_000);
};

const readBody = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw new Problem('feed-invalid', 'The feed sent more than 16 MiB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString();
};

const parseBody = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem('feed-invalid', 'The feed sent something that is not JSON.', { cause });
  }
};

export interface FetchedJson {
  readonly value: unknown;
  /** The feed's own clock, from its Date header; NaN when it sent none. */
  readonly dateMs: number;
}

/**
 * Reads a JSON document of a feed, headers and body within the time of `signal`.
 * @throws Problem feed-invalid for what is not JSON or over 16 MiB, feed-timeout when `signal` is aborted,
 * feed-unavailable for all else, with Retry-After where the feed gave one
 */
export const fetchJson = async (url: URL, nowMs: number, signal: AbortSignal): Promise<FetchedJson> => {
  try {
    // A connection kept for the next minute's refresh would be dead by then when the instance was frozen.
    const response = await fetch(url, { signal, headers: { accept: 'application/json', connection: 'close' } });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Problem('feed-unavailable', `The feed answered with status ${response.status}.`, {
        retryAfterSeconds: retryAfterOf(response.headers, nowMs),
      });
    }
    return { value: parseBody(await readBody(response)), dateMs: Date.parse(response.headers.get('date') ?? '') };
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    if (signal.aborted) throw new Problem('feed-timeout', 'The feed did not answer in time.', { cause });
    throw new Problem('feed-unavailable', 'The feed cannot be reached, or broke off.', { cause });
  }
};

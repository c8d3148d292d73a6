import type * as z from 'zod';
import { config } from '../../config/config.ts';
import { etagOf } from '../../etag.ts';
import { assumeJson } from '../../json-text.ts';
import { redis } from '../../redis/index.ts';
import { type Cached, cached, type Reading } from '../cached.ts';
import { noSamples, sampleKey } from './samples.ts';
import { computeSummary, STALE_AFTER_SECONDS, type summary } from './summary.ts';

/** An instance answers from its memory for so long without asking Redis. */
const MEMORY_MS = 1_000;

const caches = new Map<string, Cached>();

const cacheOf = (source: string): Cached => {
  const known = caches.get(source);
  if (known !== undefined) return known;
  const cache = cached({
    key: sampleKey(source, 'summary'),
    ttlSeconds: config().summaryTtlSeconds,
    memoryMs: MEMORY_MS,
    compute: () => computeSummary(source),
  });
  caches.set(source, cache);
  return cache;
};

/** Where refreshes tell of a new summary. Logical databases of one Redis share their channels, hence the number. */
export const summaryChannel = (source: string): string => `summary:${source}:${config().redis.database}`;

/** What of a cached summary stays the same from request to request. */
const prepare = (text: string) => ({
  text,
  etag: etagOf(text).slice(1, -1),
  latestMs: Date.parse(/"as_of":"([^"]+)"/.exec(text)?.[1] ?? ''),
  open: text.slice(0, -1),
});

let prepared: ReturnType<typeof prepare> | undefined;

/** The summary as it is answered: the cached text goes through unparsed, with what depends on the time added to it. */
export const printSummary = (text: string, nowMs: number, isCutOff = false) => {
  if (prepared?.text !== text) prepared = prepare(text);
  const { open, etag, latestMs } = prepared;
  const age = Math.max(0, Math.floor((nowMs - latestMs) / 1_000));
  const isStale = isCutOff || age > STALE_AFTER_SECONDS;
  return {
    text,
    json: assumeJson<z.infer<typeof summary>>(`${open},"age_seconds":${age},"stale":${isStale}}`),
    latestMs,
    // Weak, since age_seconds is not part of it.
    etag: `W/"${etag}${isStale ? '-stale' : ''}"`,
  };
};

export type PrintedSummary = ReturnType<typeof printSummary> & Pick<Reading, 'status' | 'from'>;

/** The summary of the chosen feed. @throws Problem not-found, redis-unavailable */
export const readSummary = async (nowMs: number): Promise<PrintedSummary> => {
  const reading = await cacheOf(config().feed).get(nowMs);
  if (reading === undefined) throw noSamples();
  const { text, status, from } = reading;
  return { ...printSummary(text, nowMs, status === 'stale'), status, from };
};

/** Takes the summary that another instance has told of, so that the next answer is that one. */
export const keepSummary = (source: string, text: string, nowMs: number): void => cacheOf(source).keep(text, nowMs);

/**
 * Computes the summary of what is stored, puts it into the cache and, when `announce` is set, tells all instances.
 * @throws Problem redis-unavailable
 */
export const renewSummary = async (source: string, announce: boolean, nowMs: number): Promise<void> => {
  const text = await computeSummary(source);
  if (text === undefined) return;
  await cacheOf(source).put(text, nowMs);
  if (announce) await redis((client) => client.publish(summaryChannel(source), text));
};

import type * as z from 'zod';
import { config } from '../../config/config.ts';
import { redis, runScript, script } from '../../redis/index.ts';
import { assumeJson, etagOf } from '../../stored-text.ts';
import { cached, type Reading } from '../cached.ts';
import { untaggedHead } from '../kept-answers.ts';
import { latestSampleMs, noSamples, progressKey, sampleKey } from './samples.ts';
import { computeSummary, STALE_AFTER_SECONDS, type summary } from './summary.ts';

/** How long an instance answers from its memory without asking Redis. */
const MEMORY_MS = 1_000;

/**
 * KEYS: summary, progress. ARGV: summary, its lifetime in seconds, fencing number of the writer, its lifetime in seconds,
 * channel ('' for no announcement), what precedes the summary in its entry. Reply: 1 stored, 0 a later holder of the lock has
 * written. A script because a refresh that was suspended must not overwrite or announce after the one that took over.
 */
const PUT = script(`
local fence = redis.call('HGET', KEYS[2], 'fence')
if fence and tonumber(fence) > tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[2], 'fence', ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('SET', KEYS[1], ARGV[6] .. ARGV[1], 'EX', ARGV[2])
if ARGV[5] ~= '' then redis.call('PUBLISH', ARGV[5], ARGV[1]) end
return 1
`);

/** An earlier version used `summary`, in another format. */
const summaryKey = (source: string): string => sampleKey(source, 'kept-summary');

const caches = new Map<string, ReturnType<typeof cached>>();

const cacheOf = (source: string) => {
  const known = caches.get(source);
  if (known !== undefined) return known;
  const cache = cached({
    tag: 'summary',
    key: summaryKey(source),
    ttlSeconds: config().summaryTtlSeconds,
    memoryMs: MEMORY_MS,
    compute: async () => {
      const latestMs = await latestSampleMs(source);
      return latestMs === undefined ? undefined : computeSummary(source, latestMs);
    },
  });
  caches.set(source, cache);
  return cache;
};

/** The channel for new summaries. It names the database, since all databases of a Redis share their channels. */
export const summaryChannel = (source: string): string => `summary:${source}:${config().redis.database}`;

/** The part of a summary that does not change from answer to answer. */
const createTemplate = (text: string) => ({
  text,
  tag: etagOf(text).slice(1, -1),
  latestMs: Date.parse(/"as_of":"([^"]+)"/.exec(text)?.[1] ?? ''),
  start: text.slice(0, -1),
});

type Template = ReturnType<typeof createTemplate>;

/** One string for all answers of a second: each new string would be copied once more before it is sent. */
const print = ({ start, tag, latestMs }: Template, age: number, isStale: boolean) => ({
  age,
  isStale,
  latestMs,
  json: assumeJson<z.infer<typeof summary>>(`${start},"age_seconds":${age},"stale":${isStale}}`),
  // Weak, since age_seconds is not part of it.
  etag: `W/"${tag}${isStale ? '-stale' : ''}"`,
});

let template: Template | undefined;
let printed: ReturnType<typeof print> | undefined;

/** The summary as it is sent: the cached text, unparsed, plus what depends on the time. */
export const printSummary = (text: string, nowMs: number, isCutOff = false) => {
  if (template?.text !== text) {
    template = createTemplate(text);
    printed = undefined;
  }
  const age = Math.max(0, Math.floor((nowMs - template.latestMs) / 1_000));
  const isStale = isCutOff || age > STALE_AFTER_SECONDS;
  if (printed?.age !== age || printed.isStale !== isStale) printed = print(template, age, isStale);
  return printed;
};

/** The summary of the chosen feed, with the text to send. @throws Problem not-found, redis-unavailable */
export const readSummary = async (nowMs: number): Promise<Reading & ReturnType<typeof printSummary>> => {
  const reading = await cacheOf(config().feed).get(nowMs);
  if (reading === undefined) throw noSamples();
  return { ...reading, ...printSummary(reading.text, nowMs, reading.status === 'stale') };
};

/** Takes over a summary that another instance has announced. */
export const keepSummary = (source: string, text: string, nowMs: number): void => cacheOf(source).keep(text, nowMs);

interface Renewal {
  readonly source: string;
  /** Time of the latest stored sample, milliseconds since the epoch. */
  readonly latestMs: number;
  /** The writer's fencing number. */
  readonly fence: number;
  /** Whether to tell all instances. */
  readonly announce: boolean;
}

/**
 * Computes the summary from the stored samples and caches it, unless a later refresh has done so.
 * @throws Problem redis-unavailable
 */
export const renewSummary = async ({ source, latestMs, fence, announce }: Renewal, nowMs: number): Promise<void> => {
  const text = await computeSummary(source, latestMs);
  if (text === undefined) return;
  const { summaryTtlSeconds, sampleRetentionDays } = config();
  const keys = [summaryKey(source), progressKey(source)];
  const numbers = [summaryTtlSeconds, fence, sampleRetentionDays * 86_400].map(String);
  const args = [text, ...numbers, announce ? summaryChannel(source) : '', untaggedHead()];
  const isStored = await redis((client) => runScript(client, PUT, keys, args));
  if (isStored === 1) keepSummary(source, text, nowMs);
};

import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { type Client, redis, runScript, script } from '../../redis/index.ts';
import { HOUR_MS } from '../../timing.ts';
import { emptiedTag } from '../tag-generation.ts';
import type { Sample } from './feeds/feed.ts';

const { tag, emptying } = emptiedTag('samples');

export const samplesTag = tag;

/** The answer of a route that needs samples when none are stored. */
export const noSamples = (): Problem =>
  new Problem('not-found', 'No samples are stored yet. POST /refresh, of the function refresh, fetches them.');

/*
 * Redis stores a hash field that is an integer in 3 to 9 bytes, and any other string in its length plus one. So price and
 * sentiment are packed into one integer of at most 64 bits: the price in units of 10^-5, then seven digits for the
 * sentiment in units of 10^-6, counted from -5. 33885.23 at 0.2 is `3388523000` then `5200000`, without a space. Values
 * that do not fit without loss are stored as two numbers with a space between them.
 */
const PRICE_UNITS = 1e5;
const SENTIMENT_UNITS = 1e6;
const SENTIMENT_ZERO = 5e6;
const SENTIMENT_DIGITS = 7;
/** 9 million dollars: with seven more digits, that still fits into 64 bits. */
const MAX_PRICE_UNITS = 9e11;

type Values = Pick<Sample, 'price' | 'sentiment'>;

export const packValues = ({ price, sentiment }: Values): string => {
  const priceUnits = Math.round(price * PRICE_UNITS);
  const sentimentUnits = Math.round(sentiment * SENTIMENT_UNITS);
  const fits = priceUnits > 0 && priceUnits < MAX_PRICE_UNITS && Math.abs(sentimentUnits) < SENTIMENT_ZERO;
  const isExact = priceUnits / PRICE_UNITS === price && sentimentUnits / SENTIMENT_UNITS === sentiment;
  if (!fits || !isExact) return `${price} ${sentiment}`;
  return `${priceUnits}${String(sentimentUnits + SENTIMENT_ZERO).padStart(SENTIMENT_DIGITS, '0')}`;
};

export const unpackValues = (text: string): Values => {
  const space = text.indexOf(' ');
  if (space > 0) return { price: Number(text.slice(0, space)), sentiment: Number(text.slice(space)) };
  return {
    price: Number(text.slice(0, -SENTIMENT_DIGITS)) / PRICE_UNITS,
    sentiment: (Number(text.slice(-SENTIMENT_DIGITS)) - SENTIMENT_ZERO) / SENTIMENT_UNITS,
  };
};

/** Limits how long one script call blocks Redis: a few milliseconds. */
const CALL_SAMPLES = 500;
/** Limits how long preparing the calls of one trip blocks other requests: also a few milliseconds. */
const TRIP_CALLS = 5;

/** All keys of a feed share a hash tag, so that one script may use several of them on a cluster. */
export const sampleKey = (source: string, part: string | number): string => `{samples:${source}}:${part}`;

export const retentionSeconds = (): number => config().sampleRetentionDays * 86_400;

export const latestKey = (source: string): string => sampleKey(source, 'latest');

/** A hash of the cursor and the highest fencing number that has written. */
export const progressKey = (source: string): string => sampleKey(source, 'cursor');

/**
 * KEYS: time of the latest sample, then the hours, then the generation of their tag unless on a cluster. ARGV: seconds to
 * keep the samples, latest time among them, number of hours; then for each hour the number of its samples, and field and
 * value of each. Reply: how many fields are new.
 * A script so that samples, expiry and latest time change together, and many hours need few calls.
 */
const STORE = script(`
local added = 0
local generation = KEYS[ARGV[3] + 2]
local at = 4
for hour = 2, ARGV[3] + 1 do
  local last = at + 2 * ARGV[at]
  for field = at + 1, last, 2 do
    added = added + redis.call('HSETNX', KEYS[hour], ARGV[field], ARGV[field + 1])
  end
  redis.call('EXPIRE', KEYS[hour], ARGV[1])
  at = last + 1
end
if added > 0 and generation then redis.call('DEL', generation) end
local latest = redis.call('GET', KEYS[1])
if latest and tonumber(latest) >= tonumber(ARGV[2]) then
  redis.call('EXPIRE', KEYS[1], ARGV[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[1])
end
return added
`);

/** Keeps the order of the samples, because the first one of a moment wins. */
const storeOnce = async (
  client: Client,
  source: string,
  samples: readonly Sample[],
  generations: readonly string[],
) => {
  const hours: string[] = [];
  const rows: string[] = [];
  for (const [hour, inHour] of Map.groupBy(samples, ({ timeMs }) => Math.floor(timeMs / HOUR_MS))) {
    hours.push(sampleKey(source, hour));
    rows.push(String(inHour.length));
    for (const sample of inHour) rows.push(String(sample.timeMs - hour * HOUR_MS), packValues(sample));
  }
  const latestMs = Math.max(...samples.map(({ timeMs }) => timeMs));
  const keys = [latestKey(source), ...hours, ...generations];
  const args = [retentionSeconds(), latestMs, hours.length].map(String).concat(rows);
  return Number(await runScript(client, STORE, keys, args));
};

/**
 * Stores samples. The first value ever stored for a moment stays, and hours that arrive again are kept longer. Stops
 * early when `signal` aborts. Storing all of them again after a partial failure is safe.
 * @returns how many were new
 * @throws Problem redis-unavailable; some samples may be stored
 */
export const storeSamples = async (
  source: string,
  samples: readonly Sample[],
  signal?: AbortSignal,
): Promise<number> => {
  let added = 0;
  for (let next = 0; next < samples.length && !signal?.aborted; ) {
    const calls: (readonly Sample[])[] = [];
    for (; next < samples.length && calls.length < TRIP_CALLS; next += CALL_SAMPLES) {
      calls.push(samples.slice(next, next + CALL_SAMPLES));
    }
    const counts = await emptying((generations) =>
      redis((client) => Promise.all(calls.map((some) => storeOnce(client, source, some, generations)))),
    );
    added += counts.reduce((sum, count) => sum + count, 0);
  }
  return added;
};

/** The time of the latest sample in milliseconds since the epoch; undefined when none is stored. */
export const latestSampleMs = async (source: string): Promise<number | undefined> => {
  const text = await redis((client) => client.get(latestKey(source)), { retry: true });
  return text === null ? undefined : Number(text);
};

/** The samples of each of these hours, counted since the epoch, in order of time. */
export const readHours = async (source: string, hours: readonly number[]): Promise<Sample[][]> => {
  const hashes = await redis((client) => Promise.all(hours.map((hour) => client.hGetAll(sampleKey(source, hour)))), {
    retry: true,
  });
  return hashes.map((hash, at) => {
    const startMs = (hours[at] ?? 0) * HOUR_MS;
    // Object.entries lists integer keys in ascending order.
    return Object.entries(hash).map(([field, text]) => ({ timeMs: startMs + Number(field), ...unpackValues(text) }));
  });
};

import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { type Client, redis, runScript, script } from '../../redis/index.ts';
import { HOUR_MS } from '../../timing.ts';
import { emptiedTag } from '../tag-generation.ts';
import type { Sample } from './feeds/feed.ts';

const { tag, emptying } = emptiedTag('samples');

/** Of answers that are made of samples. */
export const samplesTag = tag;

/** What a route says that needs samples when there are none. */
export const noSamples = (): Problem =>
  new Problem('not-found', 'No samples are stored yet. POST /refresh, of the function refresh, fetches them.');

/*
 * Redis keeps a hash field that is a whole number in 3 to 9 bytes, and any other text in its own length and one. So
 * price and sentiment are packed into one whole number of at most 64 bits: the price in hundred-thousandths, then seven
 * digits for the sentiment in millionths, counted from -5. `338852300000 5200000` without the space is 33885.23 at 0.2.
 * What does not fit without loss is kept as a text of two numbers.
 */
const PRICE_UNITS = 1e5;
const SENTIMENT_UNITS = 1e6;
const SENTIMENT_ZERO = 5e6;
const SENTIMENT_DIGITS = 7;
/** 9 million dollars; the seven digits behind it still fit into 64 bits. */
const MAX_PRICE = 9e11;

type Values = Pick<Sample, 'price' | 'sentiment'>;

/** The text that a sample is stored as. */
export const packValues = ({ price, sentiment }: Values): string => {
  const priceUnits = Math.round(price * PRICE_UNITS);
  const sentimentUnits = Math.round(sentiment * SENTIMENT_UNITS);
  const fits = priceUnits > 0 && priceUnits < MAX_PRICE && Math.abs(sentimentUnits) < SENTIMENT_ZERO;
  const isExact = priceUnits / PRICE_UNITS === price && sentimentUnits / SENTIMENT_UNITS === sentiment;
  if (!fits || !isExact) return `${price} ${sentiment}`;
  return `${priceUnits}${String(sentimentUnits + SENTIMENT_ZERO).padStart(SENTIMENT_DIGITS, '0')}`;
};

/** What `packValues` was given. */
export const unpackValues = (text: string): Values => {
  const space = text.indexOf(' ');
  if (space > 0) return { price: Number(text.slice(0, space)), sentiment: Number(text.slice(space)) };
  return {
    price: Number(text.slice(0, -SENTIMENT_DIGITS)) / PRICE_UNITS,
    sentiment: (Number(text.slice(-SENTIMENT_DIGITS)) - SENTIMENT_ZERO) / SENTIMENT_UNITS,
  };
};

/** Rows of one script call: Redis is busy with it for a few milliseconds at most. */
const CALL_ROWS = 500;
/** Script calls of one trip. They are prepared at once, so that other requests wait a few milliseconds at most. */
const TRIP_CALLS = 5;

/** All keys of one feed share a hash tag, so that one script may touch several of them on a cluster. */
export const sampleKey = (source: string, part: string | number): string => `{samples:${source}}:${part}`;

export const latestKey = (source: string): string => sampleKey(source, 'latest');

/** A hash: the cursor, and the highest fencing number among the refreshes that have written. */
export const progressKey = (source: string): string => sampleKey(source, 'cursor');

/**
 * KEYS: the time of the feed's latest sample, hours of samples, the generation of their tag where it can. ARGV: seconds
 * to keep them, the latest time among the rows, the number of hours, then for each hour the number of its rows, and field
 * and value of each. Reply: how many fields are new.
 * A script because rows, expiry and latest time must hold together for every reader, in few calls for many hours.
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

/** The order of rows is kept: the first of a moment wins. */
const storeRows = async (
  client: Client,
  source: string,
  samples: readonly Sample[],
  generations: readonly string[],
): Promise<number> => {
  const hours: string[] = [];
  const rows: string[] = [];
  for (const [hour, inHour] of Map.groupBy(samples, ({ timeMs }) => Math.floor(timeMs / HOUR_MS))) {
    hours.push(sampleKey(source, hour));
    rows.push(String(inHour.length));
    for (const sample of inHour) rows.push(String(sample.timeMs - hour * HOUR_MS), packValues(sample));
  }
  const seconds = config().sampleRetentionDays * 86_400;
  const latestMs = Math.max(...samples.map(({ timeMs }) => timeMs));
  const keys = [latestKey(source), ...hours, ...generations];
  return Number(await runScript(client, STORE, keys, [seconds, latestMs, hours.length].map(String).concat(rows)));
};

/**
 * Stores samples; of one moment the first value ever stored stays. Hours that are delivered again are kept longer.
 * Stops early at `signal`; a part is stored then, and storing all of it again is right.
 * @returns how many were new
 * @throws Problem redis-unavailable, with a part stored likewise
 */
export const storeSamples = async (
  source: string,
  samples: readonly Sample[],
  signal?: AbortSignal,
): Promise<number> => {
  let added = 0;
  for (let trip = 0; trip < samples.length && !signal?.aborted; trip += TRIP_CALLS * CALL_ROWS) {
    const calls = Array.from({ length: TRIP_CALLS }, (_, call) => trip + call * CALL_ROWS)
      .map((at) => samples.slice(at, at + CALL_ROWS))
      .filter(({ length }) => length > 0);
    const counts = await emptying((generations) =>
      redis((client) => Promise.all(calls.map((rows) => storeRows(client, source, rows, generations)))),
    );
    added += counts.reduce((sum, count) => sum + count, 0);
  }
  return added;
};

/** The time of the latest sample, milliseconds since the epoch; undefined when nothing is stored. */
export const latestSampleMs = async (source: string): Promise<number | undefined> => {
  const text = await redis((client) => client.get(latestKey(source)), { retry: true });
  return text === null ? undefined : Number(text);
};

/** The samples of each of these hours (since the epoch), in order of time. */
export const readHours = async (source: string, hours: readonly number[]): Promise<Sample[][]> => {
  const hashes = await redis((client) => Promise.all(hours.map((hour) => client.hGetAll(sampleKey(source, hour)))), {
    retry: true,
  });
  return hashes.map((hash, at) => {
    const startMs = (hours[at] ?? 0) * HOUR_MS;
    return Object.entries(hash).map(([field, text]) => ({ timeMs: startMs + Number(field), ...unpackValues(text) }));
  });
};

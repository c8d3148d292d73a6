import { cacheTag } from '../../cache-tag.ts';
import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { type Client, redis, runScript, script } from '../../redis/index.ts';
import { emptiedKeys, emptyAfterScript } from '../tag-generation.ts';
import type { Sample } from './feeds/index.ts';
import { packValues, unpackValues } from './sample-value.ts';
import { HOUR_MS } from './time.ts';

/** Of answers that are made of samples. */
export const samplesTag = cacheTag('samples');

/** What a route says that needs samples when there are none. */
export const noSamples = (): Problem =>
  new Problem('not-found', 'No samples are stored yet. POST /refresh, of the function refresh, fetches them.');

/** Rows of one script call: Redis is busy with it for a few milliseconds at most. */
const CALL_ROWS = 500;
/** Rows that are prepared at once, so that other requests wait a few milliseconds at most. */
const PREPARED_ROWS = 2_500;
/** Script calls of one trip. A real feed needs 25; one with an hour for each row must not fill the memory. */
const TRIP_CALLS = 100;

/** All keys of one feed share a hash tag, so that one script may touch several of them on a cluster. */
export const sampleKey = (source: string, part: string | number): string => `{samples:${source}}:${part}`;

export const latestKey = (source: string): string => sampleKey(source, 'latest');

/** A hash: the cursor, and the highest fencing number among the refreshes that have written. */
export const progressKey = (source: string): string => sampleKey(source, 'cursor');

/**
 * KEYS: an hour of samples, the time of the feed's latest sample, the generation of their tag where it can. ARGV: seconds
 * to keep them, the latest time among the rows, then field and value of each row. Reply: how many fields are new.
 * A script because rows, expiry and latest time must hold together for every reader, in one round trip per hour.
 */
const STORE = script(`
local added = 0
for at = 3, #ARGV, 2 do
  added = added + redis.call('HSETNX', KEYS[1], ARGV[at], ARGV[at + 1])
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
if added > 0 and KEYS[3] then redis.call('DEL', KEYS[3]) end
local latest = redis.call('GET', KEYS[2])
if latest and tonumber(latest) >= tonumber(ARGV[2]) then
  redis.call('EXPIRE', KEYS[2], ARGV[1])
else
  redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[1])
end
return added
`);

interface Batch {
  readonly hour: number;
  latestMs: number;
  readonly fields: string[];
}

/** The rows by hour, each hour in parts of CALL_ROWS. The order of rows is kept: the first of a moment wins. */
const toBatches = (samples: readonly Sample[]): Batch[] => {
  const batches: Batch[] = [];
  const openOf = new Map<number, Batch>();
  for (const sample of samples) {
    const hour = Math.floor(sample.timeMs / HOUR_MS);
    let batch = openOf.get(hour);
    if (batch === undefined || batch.fields.length >= 2 * CALL_ROWS) {
      batch = { hour, latestMs: sample.timeMs, fields: [] };
      openOf.set(hour, batch);
      batches.push(batch);
    }
    batch.latestMs = Math.max(batch.latestMs, sample.timeMs);
    batch.fields.push(String(sample.timeMs - hour * HOUR_MS), packValues(sample));
  }
  return batches;
};

const storeBatch = async (client: Client, source: string, { hour, latestMs, fields }: Batch): Promise<number> => {
  const seconds = config().sampleRetentionDays * 86_400;
  const keys = [sampleKey(source, hour), latestKey(source), ...emptiedKeys(samplesTag)];
  return Number(await runScript(client, STORE, keys, [String(seconds), String(latestMs), ...fields]));
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
  for (let at = 0; at < samples.length; at += PREPARED_ROWS) {
    const batches = toBatches(samples.slice(at, at + PREPARED_ROWS));
    for (let call = 0; call < batches.length && !signal?.aborted; call += TRIP_CALLS) {
      const trip = batches.slice(call, call + TRIP_CALLS);
      const counts = await redis((client) => Promise.all(trip.map((batch) => storeBatch(client, source, batch))));
      added += counts.reduce((sum, count) => sum + count, 0);
    }
  }
  if (added > 0) await emptyAfterScript(samplesTag);
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

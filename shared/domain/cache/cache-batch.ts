import * as z from 'zod';
import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { type Client, redis, runScript, script } from '../../redis/index.ts';
import { assumeJson, type JsonText } from '../../stored-text.ts';
import { anyJson, assertFits, expiry, ttlSeconds } from './cache-entry.ts';
import { arrayParts, objectParts } from './json-parts.ts';
import { cacheKey, toRedisKey, toStored, versionedText } from './stored-entry.ts';

const MAX_ENTRIES = 1_000;
/** Of one answer, so that a few clients cannot fill an instance's memory. */
const MAX_ANSWER_BYTES = 8_388_608;

const pair = z.strictObject({ key: cacheKey, value: anyJson });
export const batchKeys = z.strictObject({ keys: z.array(cacheKey).min(1).max(MAX_ENTRIES) }).meta({ id: 'CacheKeys' });
export const batchEntries = z
  .strictObject({ entries: z.array(pair).min(1).max(MAX_ENTRIES), ttl_seconds: ttlSeconds.optional() })
  .meta({ id: 'CacheBatch' });
export const batchFound = z
  .strictObject({ entries: z.array(pair), missing: z.array(cacheKey) })
  .meta({ id: 'CacheBatchFound' });
export const batchStored = z
  .strictObject({
    stored: z.int(),
    refused: z.array(cacheKey).optional().meta({ description: 'With If-None-Match: the keys that existed already' }),
  })
  .meta({ id: 'CacheBatchStored' });
/** memcached's add_multi. If-Match makes no sense for many entries, so it is refused instead of ignored. */
export const batchCondition = z
  .object({
    'if-match': z.undefined({ error: 'A batch accepts only If-None-Match: *' }).optional(),
    'if-none-match': z
      .literal('*', { error: 'Must be *, which adds only the entries that do not exist yet' })
      .optional()
      .meta({ description: '`*`: adds only the entries that do not exist yet; the others are `refused`' }),
  })
  .transform((headers) => ({ isAdding: headers['if-none-match'] === '*' }));
export const batchDeleted = z.strictObject({ deleted: z.int() }).meta({ id: 'CacheBatchDeleted' });

/** KEYS: entries. ARGV: bytes allowed. Reply: the texts, or -1 if they are longer. A script to know that before sending. */
const READ_MANY = script(`
local bytes = 0
for _, key in ipairs(KEYS) do bytes = bytes + redis.call('STRLEN', key) end
if bytes > tonumber(ARGV[1]) then return -1 end
return redis.call('MGET', unpack(KEYS))
`);

/**
 * KEYS: entries. ARGV: the value of each, then the options of SET. Reply: 'OK' for each, or '' if NX refused it.
 * A script because MSET cannot set a time to live.
 */
const WRITE_MANY = script(`
local replies = {}
for at, key in ipairs(KEYS) do
  replies[at] = redis.call('SET', key, ARGV[at], unpack(ARGV, #KEYS + 1)) or ''
end
return replies
`);

type Texts = readonly (string | null)[];

const tooMuch = () =>
  new Problem('conflict', `The values have more than ${MAX_ANSWER_BYTES} bytes in total. Request fewer keys at once.`);

const readOnOne = async (client: Client, keys: string[]): Promise<Texts> => {
  const reply = await runScript(client, READ_MANY, keys, [String(MAX_ANSWER_BYTES)]);
  if (!Array.isArray(reply)) throw tooMuch();
  return reply;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/**
 * One command for each key, because each has a slot of its own. No command adds up their sizes, so first each value may
 * send its share of what is allowed. Only if some are longer are their sizes checked and the whole values fetched.
 */
const readOnCluster = async (client: Client, keys: string[]): Promise<Texts> => {
  const share = Math.floor(MAX_ANSWER_BYTES / keys.length);
  const starts = await Promise.all(keys.map((key) => client.getRange(key, 0, share - 1)));
  const sizes = starts.map((text) => Buffer.byteLength(text ?? ''));
  const isCut = (at: number) => (sizes[at] ?? 0) >= share;
  let texts: Texts = starts;
  if (keys.some((_, at) => isCut(at))) {
    const whole = await Promise.all(keys.map((key, at) => (isCut(at) ? client.strLen(key) : (sizes[at] ?? 0))));
    if (sum(whole) > MAX_ANSWER_BYTES) throw tooMuch();
    texts = await Promise.all(keys.map((key, at) => (isCut(at) ? client.get(key) : (starts[at] ?? null))));
  }
  // A missing key reads as an empty text, which is not JSON.
  return texts.map((text) => text || null);
};

/**
 * The entries in the order of `keys`, and the keys that are missing. On one node it is a snapshot, read in one trip.
 * @throws Problem conflict if the values have more than 8 MiB in total, redis-unavailable
 */
export const getEntries = async (keys: readonly string[]): Promise<JsonText<z.infer<typeof batchFound>>> => {
  const [read, trips] = config().redis.cluster ? [readOnCluster, 3] : [readOnOne, 1];
  const texts = await redis((client) => read(client, keys.map(toRedisKey)), { retry: true, trips });
  const found: string[] = [];
  const missing: string[] = [];
  for (const [at, key] of keys.entries()) {
    const text = texts[at];
    if (text == null) missing.push(key);
    else found.push(`{"key":${JSON.stringify(key)},"value":${versionedText(text)}}`);
  }
  return assumeJson(`{"entries":[${found.join()}],"missing":${JSON.stringify(missing)}}`);
};

/**
 * The entries in a body that `batchEntries` accepted, with values exactly as the client wrote them.
 * @throws Problem invalid-request, payload-too-large
 */
export const batchTexts = (bodyText: string): { key: string; text: string }[] =>
  arrayParts(objectParts(bodyText).get('entries') ?? '[]').map((part) => {
    const members = objectParts(part);
    return { key: JSON.parse(members.get('key') ?? '""'), text: assertFits(members.get('value') ?? 'null') };
  });

interface BatchOptions {
  readonly ttl: number | null;
  /** Keeps existing entries as they are. */
  readonly isAdding: boolean;
}

const writeOnCluster = (client: Client, keys: string[], values: string[], { ttl, isAdding }: BatchOptions) => {
  const expiration = ttl === null ? {} : { expiration: { type: 'EX', value: ttl } as const };
  const options = { ...expiration, ...(isAdding && { condition: 'NX' as const }) };
  return Promise.all(keys.map((key, at) => client.set(key, values[at] ?? '', options)));
};

const writeReplies = z.array(z.string().nullable());

/**
 * Writes the entries. If a key occurs twice, its last entry counts, or its first when adding. Not atomic on a cluster.
 * @returns the keys of the entries that were not written
 * @throws Problem redis-unavailable
 */
export const setEntries = async (entries: readonly { key: string; text: string }[], options: BatchOptions) => {
  const keys = entries.map(({ key }) => toRedisKey(key));
  const values = entries.map(({ text }) => toStored(text));
  const { ttl, isAdding } = options;
  const flags = [...(isAdding ? ['NX'] : []), ...expiry(ttl)];
  const write = (client: Client): Promise<unknown> =>
    config().redis.cluster
      ? writeOnCluster(client, keys, values, options)
      : runScript(client, WRITE_MANY, keys, [...values, ...flags]);
  const replies = writeReplies.parse(await redis(write, { retry: !isAdding }));
  return entries.filter((_, at) => replies[at] !== 'OK').map(({ key }) => key);
};

/** @returns how many existed. @throws Problem redis-unavailable */
export const deleteEntries = (keys: readonly string[]): Promise<number> =>
  redis(async (client) => {
    const redisKeys = keys.map(toRedisKey);
    if (!config().redis.cluster) return client.del(redisKeys);
    const counts = await Promise.all(redisKeys.map((key) => client.del(key)));
    return sum(counts);
  });

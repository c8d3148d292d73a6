import * as z from 'zod';
import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { type Client, redis, runScript, script } from '../../redis/index.ts';
import { assumeJson, type JsonText } from '../../stored-text.ts';
import { anyJson, assertFits, ttlSeconds } from './cache-entry.ts';
import { arrayParts, objectParts } from './json-parts.ts';
import { cacheKey, toRedisKey, toStored, versionedText } from './stored-entry.ts';

const MAX_ENTRIES = 1_000;
/** What one answer may hold, so that a few callers cannot fill an instance's memory. */
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
    refused: z.array(cacheKey).optional().meta({ description: 'With If-None-Match: the keys that were there already' }),
  })
  .meta({ id: 'CacheBatchStored' });
/** memcached's add_multi. If-Match has no meaning for many entries at once, so it is refused, not ignored. */
export const batchCondition = z
  .object({
    'if-match': z.undefined({ error: 'A batch takes If-None-Match: * alone' }).optional(),
    'if-none-match': z
      .literal('*', { error: 'Must be *, which means: only the entries that are not there yet' })
      .optional()
      .meta({ description: '`*`: only the entries that are not there yet; the others are `refused`' }),
  })
  .transform((headers) => ({ isAdding: headers['if-none-match'] === '*' }));
export const batchDeleted = z.strictObject({ deleted: z.int() }).meta({ id: 'CacheBatchDeleted' });

/** KEYS: entries. ARGV: bytes allowed. Reply: the texts, or -1 when they hold more: known before anything is sent. */
const READ_MANY = script(`
local bytes = 0
for _, key in ipairs(KEYS) do bytes = bytes + redis.call('STRLEN', key) end
if bytes > tonumber(ARGV[1]) then return -1 end
return redis.call('MGET', unpack(KEYS))
`);

/**
 * KEYS: entries. ARGV: what to store for each, then the options of SET. Reply: for each 'OK', or '' when NX refused it.
 * A script because MSET knows no time to live.
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
  new Problem('conflict', `The values hold more than ${MAX_ANSWER_BYTES} bytes together. Ask for fewer keys at once.`);

const readOnOne = async (client: Client, keys: string[]): Promise<Texts> => {
  const reply = await runScript(client, READ_MANY, keys, [String(MAX_ANSWER_BYTES)]);
  if (!Array.isArray(reply)) throw tooMuch();
  return reply;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/**
 * A cluster's keys each live in a slot of their own, so each is a command of its own, all in one tick. Nobody can add
 * up their sizes beforehand, so each may answer its share of what is allowed; what is longer is fetched afterwards.
 */
const readOnCluster = async (client: Client, keys: string[]): Promise<Texts> => {
  const share = Math.floor(MAX_ANSWER_BYTES / keys.length);
  const starts = await Promise.all(keys.map((key) => client.getRange(key, 0, share - 1)));
  const texts = starts.map((text) => text ?? '');
  const long = [...keys.entries()].filter(([at]) => Buffer.byteLength(texts[at] ?? '') >= share);
  if (long.length > 0) {
    const sizes = await Promise.all(long.map(([, key]) => client.strLen(key)));
    const others = texts.map((text) => Buffer.byteLength(text)).filter((size) => size < share);
    if (sum(sizes) + sum(others) > MAX_ANSWER_BYTES) throw tooMuch();
    const whole = await Promise.all(long.map(([, key]) => client.get(key)));
    for (const [which, [at]] of long.entries()) texts[at] = whole[which] ?? '';
  }
  // No JSON is empty, so an empty text is a key that is not there.
  return texts.map((text) => text || null);
};

/**
 * The entries in the order asked for, and the keys that are missing. One trip to Redis, one
 * for each shard of a cluster; on one node all values are of the same moment.
 * @throws Problem conflict when the values hold over 8 MiB together, redis-unavailable
 */
export const getEntries = async (keys: readonly string[]): Promise<JsonText<z.infer<typeof batchFound>>> => {
  const read = config().redis.cluster ? readOnCluster : readOnOne;
  const texts = await redis((client) => read(client, keys.map(toRedisKey)), { retry: true });
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
 * The entries in a body that `batchEntries` took, their values as the caller wrote them.
 * @throws Problem invalid-request, payload-too-large
 */
export const batchTexts = (bodyText: string): { key: string; text: string }[] =>
  arrayParts(objectParts(bodyText).get('entries') ?? '[]').map((part) => {
    const members = objectParts(part);
    return { key: JSON.parse(members.get('key') ?? '""'), text: assertFits(members.get('value') ?? 'null') };
  });

interface BatchOptions {
  readonly ttl: number | null;
  /** Leaves the entries that are there. */
  readonly isAdding: boolean;
}

const writeOnCluster = (client: Client, keys: string[], values: string[], { ttl, isAdding }: BatchOptions) => {
  const expiration = ttl === null ? {} : { expiration: { type: 'EX', value: ttl } as const };
  const options = { ...expiration, ...(isAdding && { condition: 'NX' as const }) };
  return Promise.all(keys.map((key, at) => client.set(key, values[at] ?? '', options)));
};

const writeReplies = z.array(z.string().nullable());

/**
 * Writes the entries; of a key given twice the last counts, or the first when adding. Not atomic on a cluster.
 * @returns the keys of the entries that were not written
 * @throws Problem redis-unavailable
 */
export const setEntries = async (entries: readonly { key: string; text: string }[], options: BatchOptions) => {
  const keys = entries.map(({ key }) => toRedisKey(key));
  const values = entries.map(({ text }) => toStored(text));
  const { ttl, isAdding } = options;
  const flags = [...(isAdding ? ['NX'] : []), ...(ttl === null ? [] : ['EX', String(ttl)])];
  const write = (client: Client): Promise<unknown> =>
    config().redis.cluster
      ? writeOnCluster(client, keys, values, options)
      : runScript(client, WRITE_MANY, keys, [...values, ...flags]);
  const replies = writeReplies.parse(await redis(write, { retry: !isAdding }));
  return entries.filter((_, at) => replies[at] !== 'OK').map(({ key }) => key);
};

/** @returns how many there were. @throws Problem redis-unavailable */
export const deleteEntries = (keys: readonly string[]): Promise<number> =>
  redis(async (client) => {
    const redisKeys = keys.map(toRedisKey);
    if (!config().redis.cluster) return client.del(redisKeys);
    const counts = await Promise.all(redisKeys.map((key) => client.del(key)));
    return sum(counts);
  });

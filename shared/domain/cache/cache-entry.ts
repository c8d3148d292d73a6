import * as z from 'zod';
import { Problem } from '../../problems/problem.ts';
import { type Client, redis, runScript, script } from '../../redis/index.ts';
import { assumeJson, type JsonText } from '../../stored-text.ts';
import { ALWAYS, checkLua, type Precondition, preconditionFailed, printCondition } from '../documents/precondition.ts';
import { objectParts } from './json-parts.ts';
import { cacheKey, newVersion, toRedisKey, toStored, VERSION_LUA, versionEtag, versionedText } from './stored-entry.ts';

const YEAR_SECONDS = 31_536_000;
/** 1 MiB of JSON as the client wrote it. */
const MAX_VALUE_BYTES = 1_048_576;

export const anyJson = z
  .unknown()
  .refine((value) => value !== undefined, 'Required; any JSON is allowed')
  .meta({ description: 'Any JSON; stored exactly as written' });

export const ttlSeconds = z
  .int()
  .min(1)
  .max(YEAR_SECONDS)
  .nullable()
  .meta({ description: 'Seconds until it expires, 1–31,536,000; null: never' });

export const entry = z
  .strictObject({ key: cacheKey, value: anyJson, ttl_seconds: ttlSeconds })
  .meta({ id: 'CacheEntry' });
export const entryInput = z
  .strictObject({ value: anyJson, ttl_seconds: ttlSeconds.optional() })
  .meta({ id: 'CacheEntryInput' });
/** Older systems send the second form. */
export const newEntry = z
  .union([
    z.strictObject({ key: cacheKey, value: anyJson, ttl_seconds: ttlSeconds.optional() }),
    z
      .strictObject({ keyname: cacheKey, keyvalue: anyJson })
      .transform(({ keyname }) => ({ key: keyname, ttl_seconds: null })),
  ])
  .meta({ id: 'NewCacheEntry' });

const integer = z.int().meta({ description: 'An integer from −(2^53 − 1) to 2^53 − 1' });
export const cacheIncrement = z
  .strictObject({
    by: integer.default(1),
    initial: integer
      .optional()
      .meta({ description: 'The value of a missing entry; without it, a missing entry is a 404' }),
    ttl_seconds: ttlSeconds
      .optional()
      .meta({ description: 'For an entry that this creates; an existing one keeps its own' }),
  })
  .meta({ id: 'CacheIncrement' });
export const cacheNumber = z.strictObject({ key: cacheKey, value: integer }).meta({ id: 'CacheNumber' });

type Ttl = number | null;

const CHECK = checkLua(VERSION_LUA);

/** KEYS: entry. Reply: {stored text, milliseconds left or -1}, or nil. A script so that both belong to the same value. */
const READ = script(`
local text = redis.call('GET', KEYS[1])
return text and {text, redis.call('PTTL', KEYS[1])}
`);

/**
 * KEYS: entry. ARGV: text to store, precondition, options of SET. Reply: 1 created, 0 replaced, -1 precondition failed.
 * A script because check and write must be one step.
 */
const WRITE = script(`${CHECK}
local holds, stored = check(KEYS[1], ARGV[2])
if not holds then return -1 end
redis.call('SET', KEYS[1], ARGV[1], unpack(ARGV, 3))
return stored and 0 or 1
`);

/** KEYS: entry. ARGV: precondition. Reply: 1 deleted, 0 not found, -1 precondition failed. A script for the same reason. */
const REMOVE = script(`${CHECK}
local holds, stored = check(KEYS[1], ARGV[1])
if not stored then return 0 end
if not holds then return -1 end
return redis.call('DEL', KEYS[1])
`);

/**
 * KEYS: entry. ARGV: amount, value of a missing entry or '', precondition, new version, options of SET for a new entry.
 * Reply: {1, sum as text}; {0} not found; {-1} not an integer; {-2} the sum or the entry is out of range; {-3}
 * precondition failed. A script because INCRBY supports neither JSON numbers such as 1e3 nor this range. The digits tell
 * whether a number is an integer: as a double, 0.9999999999999999999 is 1. The sum is text because node-redis reads
 * 2^53 − 1 as 2^53.
 */
const INCREMENT = script(`${CHECK}
local MAX = 9007199254740991
local function integer(text)
  local whole, fraction, exponent = string.match(text, '^-?(%d+)%.?(%d*)[eE]?([+-]?%d*)$')
  if not whole then return nil end
  local digits = whole .. fraction
  local point = math.min(math.max(#whole + (tonumber(exponent) or 0), 0), #digits)
  return not string.find(digits, '[1-9]', point + 1) and tonumber(text)
end
local holds, stored = check(KEYS[1], ARGV[3])
if not holds then return {-3} end
if not stored and ARGV[2] == '' then return {0} end
local number = integer(stored and string.sub(redis.call('GET', KEYS[1]), #ARGV[4] + 1) or ARGV[2])
if not number then return {-1} end
local sum = number + tonumber(ARGV[1])
if math.abs(number) > MAX or math.abs(sum) > MAX then return {-2} end
local text = string.format('%.0f', sum)
if stored then redis.call('SET', KEYS[1], ARGV[4] .. text, 'KEEPTTL')
else redis.call('SET', KEYS[1], ARGV[4] .. text, unpack(ARGV, 5)) end
return {1, text}
`);

const incrementReply = z.union([
  z.tuple([z.literal(1), z.coerce.number().pipe(z.int())]),
  z.tuple([z.literal([0, -1, -2, -3])]),
]);

/** The options of SET for this time to live. */
export const expiry = (ttl: Ttl): string[] => (ttl === null ? [] : ['EX', String(ttl)]);

const notFound = (key: string) => new Problem('not-found', `The entry "${key}" does not exist or has expired.`);

/** @throws Problem payload-too-large */
export const assertFits = (text: string): string => {
  if (Buffer.byteLength(text) <= MAX_VALUE_BYTES) return text;
  throw new Problem('payload-too-large', `A value may have at most ${MAX_VALUE_BYTES} bytes of JSON.`);
};

/**
 * The value in a body that `entryInput` or `newEntry` accepted, exactly as the client wrote it.
 * @throws Problem invalid-request, payload-too-large
 */
export const valueText = (bodyText: string): string => {
  const members = objectParts(bodyText);
  return assertFits(members.get('value') ?? members.get('keyvalue') ?? 'null');
};

export const entryJson = (key: string, text: string, ttl: Ttl): JsonText<z.infer<typeof entry>> =>
  assumeJson(`{"key":${JSON.stringify(key)},"value":${text},"ttl_seconds":${ttl}}`);

/**
 * The JSON text, its ETag, and the seconds until it expires, rounded up.
 * @throws Problem not-found, redis-unavailable
 */
export const getEntry = async (key: string): Promise<{ text: string; etag: string; ttl: Ttl }> => {
  const reply = await redis((client) => runScript(client, READ, [toRedisKey(key)], []), { retry: true });
  if (!Array.isArray(reply)) throw notFound(key);
  const [stored, leftMs] = reply;
  const ttl = leftMs < 0 ? null : Math.ceil(leftMs / 1000);
  return { text: versionedText(String(stored)), etag: versionEtag(String(stored)), ttl };
};

/** Writes an entry if the condition holds. @throws Problem precondition-failed, redis-unavailable */
export const putEntry = async (key: string, text: string, ttl: Ttl = null, condition: Precondition = ALWAYS) => {
  const stored = toStored(text);
  const args = [stored, printCondition(condition), ...expiry(ttl)];
  const write = (client: Client) => runScript(client, WRITE, [toRedisKey(key)], args);
  const reply = await redis(write, { retry: condition.kind === 'none' });
  if (reply === -1) throw preconditionFailed();
  return { isNew: reply === 1, etag: versionEtag(stored) };
};

/** @throws Problem not-found, precondition-failed, redis-unavailable */
export const deleteEntry = async (key: string, condition: Precondition): Promise<void> => {
  const reply = await redis((client) => runScript(client, REMOVE, [toRedisKey(key)], [printCondition(condition)]));
  if (reply === 0) throw notFound(key);
  if (reply === -1) throw preconditionFailed();
};

/**
 * Adds to an entry that holds an integer. The entry keeps its time to live.
 * @throws Problem not-found, precondition-failed, conflict (not an integer, or out of range), redis-unavailable
 */
export const incrementEntry = async (
  key: string,
  { by, initial, ttl_seconds = null }: z.infer<typeof cacheIncrement>,
  condition: Precondition,
) => {
  const version = newVersion();
  const args = [String(by), String(initial ?? ''), printCondition(condition), version, ...expiry(ttl_seconds)];
  const reply = await redis((client) => runScript(client, INCREMENT, [toRedisKey(key)], args));
  const [outcome, value] = incrementReply.parse(reply);
  if (value !== undefined) return { sum: { key, value }, etag: versionEtag(version) };
  if (outcome === 0) throw notFound(key);
  if (outcome === -3) throw preconditionFailed();
  const reason = outcome === -1 ? 'is not an integer' : 'or the sum is outside −(2^53 − 1) to 2^53 − 1';
  throw new Problem('conflict', `The value of "${key}" ${reason}. Nothing was changed.`);
};

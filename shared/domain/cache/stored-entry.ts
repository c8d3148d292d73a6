import { randomUUID } from 'node:crypto';
import * as z from 'zod';

const MAX_KEY_BYTES = 250;
const RULE = 'Must be 1 to 250 bytes of UTF-8 without spaces or control characters';

/** White space and control characters, in a form that every language's patterns read. */
const SPACES = String.raw`\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff`;

const hasFewBytes = (text: string): boolean =>
  text.length * 3 <= MAX_KEY_BYTES || Buffer.byteLength(text) <= MAX_KEY_BYTES;

/**
 * Half a surrogate pair is refused: UTF-8 cannot hold it, so that two such keys would be one. One pattern and one function,
 * since a batch checks a thousand of them.
 */
export const cacheKey = z
  .string()
  .regex(new RegExp(`^[^${SPACES}]{1,${MAX_KEY_BYTES}}$`), { error: RULE, abort: true })
  .refine((text) => text.isWellFormed() && hasFewBytes(text), RULE)
  .meta({
    example: 'greeting',
    description: '1–250 bytes of UTF-8 without spaces or control characters',
    minLength: 1,
    maxLength: MAX_KEY_BYTES,
  });

/** Every entry's key in Redis starts so, and no other function's does. */
const PREFIX = 'cache:';

/**
 * The Redis key of an entry. Without a brace there is no hash tag: the whole key chooses the slot, so that entries
 * spread over all of a cluster and no caller can pile them onto one node. `%` is written out too, so that no two keys
 * become one.
 */
export const toRedisKey = (key: string): string =>
  PREFIX + (/[%{]/.test(key) ? key.replaceAll('%', '%25').replaceAll('{', '%7B') : key);

export const fromRedisKey = (redisKey: string): string =>
  redisKey.slice(PREFIX.length).replaceAll('%7B', '{').replaceAll('%25', '%');

/** The glob of SCAN for the entries whose keys start with `prefix`, taken literally. */
export const toPattern = (prefix: string): string => `${toRedisKey(prefix).replace(/[*?[\]\\]/g, '\\$&')}*`;

/*
 * An entry is stored as its version, then its JSON. Every write makes a new version, which is the entry's ETag: a value
 * that changed and changed back does not pass for the old one, as with memcached's cas. A hash of the value would.
 */

/** 48 random bits: no two versions of one entry meet between a read and the write that depends on it. */
const VERSION_LENGTH = 13;

/** The version of the stored `text`, in Lua. */
export const VERSION_LUA = `string.sub(text, 1, ${VERSION_LENGTH})`;

export const newVersion = (): string => randomUUID().slice(0, VERSION_LENGTH);

export const toStored = (text: string): string => newVersion() + text;

export const versionEtag = (stored: string): string => `"${stored.slice(0, VERSION_LENGTH)}"`;

/** The JSON of what is stored. */
export const versionedText = (stored: string): string => stored.slice(VERSION_LENGTH);

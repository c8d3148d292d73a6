import { randomUUID } from 'node:crypto';
import * as z from 'zod';

const MAX_KEY_BYTES = 250;
const RULE = 'Must be 1 to 250 bytes of UTF-8 without spaces or control characters';

/** White space and control characters, written so that a regular expression of any language can read it. */
const SPACES = String.raw`\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff`;

const hasFewBytes = (text: string): boolean =>
  text.length * 3 <= MAX_KEY_BYTES || Buffer.byteLength(text) <= MAX_KEY_BYTES;

/**
 * A lone surrogate is refused: UTF-8 cannot encode it, so two such keys would become the same key. There are only two
 * checks because a batch has a thousand keys.
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

/** No other function's keys start with this. */
const PREFIX = 'cache:';

/**
 * The Redis key of an entry. Escaping `{` rules out hash tags, so that entries spread over the whole cluster and no client
 * can pile them onto one node. `%` is escaped too, to keep different keys different.
 */
export const toRedisKey = (key: string): string =>
  PREFIX + (/[%{]/.test(key) ? key.replaceAll('%', '%25').replaceAll('{', '%7B') : key);

export const fromRedisKey = (redisKey: string): string =>
  redisKey.slice(PREFIX.length).replaceAll('%7B', '{').replaceAll('%25', '%');

/** The pattern with which SCAN finds the keys that start with `prefix`, taken literally. */
export const toPattern = (prefix: string): string => `${toRedisKey(prefix).replace(/[*?[\]\\]/g, '\\$&')}*`;

/*
 * An entry is stored as its version, then its JSON. Every write makes a new version, which is the ETag. So a value that
 * changed and changed back is not mistaken for the old one, as with memcached's cas. A hash of the value would be.
 */

/** 12 hexadecimal digits and a dash: 48 random bits. */
const VERSION_LENGTH = 13;

/** Lua for the version of the stored `text`. */
export const VERSION_LUA = `string.sub(text, 1, ${VERSION_LENGTH})`;

export const newVersion = (): string => randomUUID().slice(0, VERSION_LENGTH);

export const toStored = (text: string): string => newVersion() + text;

export const versionEtag = (stored: string): string => `"${stored.slice(0, VERSION_LENGTH)}"`;

export const versionedText = (stored: string): string => stored.slice(VERSION_LENGTH);

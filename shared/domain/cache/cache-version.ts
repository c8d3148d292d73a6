import { randomUUID } from 'node:crypto';

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

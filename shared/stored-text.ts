import { hash } from 'node:crypto';

declare const holds: unique symbol;

/** Text that is the JSON of a `T`. It is answered as it stands: not parsed, not printed again. */
export type JsonText<T> = string & { readonly [holds]: T };

/**
 * Says what a text holds where only its writer can know: it came out of Redis, or was put together from such texts.
 * Nothing is checked here. The tests check every answer of a route against the route's schema.
 */
export function assumeJson<T>(text: string): JsonText<T>;
export function assumeJson(text: string): string {
  return text;
}

/** `value` as JSON. */
export const printJson = <T>(value: T): JsonText<T> => assumeJson(JSON.stringify(value));

/**
 * A strong entity tag of a stored text: its SHA-1 in hexadecimal, quoted. Redis scripts compute the same with
 * `redis.sha1hex`, so a precondition is checked where the value is, in the same step that writes it.
 */
export const etagOf = (text: string): string => `"${hash('sha1', text, 'hex')}"`;

/** One element of the list: a tag, weak or not, between commas. Anything else in the header names no tag. */
const TAG = /(?<=^|,)\s*(?:W\/)?"[^"]*"\s*(?=,|$)/g;

/** Whether an If-Match or If-None-Match header is `*`, which stands for any tag. */
export const isAnyEtag = (header: string): boolean => header.trim() === '*';

/** The tags that an If-Match or If-None-Match header lists, a weak one with its `W/`. */
export const parseEtags = (header: string): string[] => (header.match(TAG) ?? []).map((tag) => tag.trim());

/** Whether an If-None-Match header names `etag`, by the weak comparison of RFC 9110. */
export const matchesEtag = (header: string, etag: string): boolean => {
  const bare = (tag: string) => (tag.startsWith('W/') ? tag.slice(2) : tag);
  const wanted = bare(etag);
  return header === wanted || isAnyEtag(header) || parseEtags(header).some((tag) => bare(tag) === wanted);
};

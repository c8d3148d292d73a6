import { hash } from 'node:crypto';

/**
 * A strong entity tag of a stored text: its SHA-1 in hexadecimal, quoted. Redis scripts compute the same with
 * `redis.sha1hex`, so a precondition is checked where the value is, in the same step that writes it.
 */
export const etagOf = (text: string): string => `"${hash('sha1', text, 'hex')}"`;

/** The tags that an If-Match or If-None-Match header lists, `*` included, without their `W/`. */
export const parseEtags = (header: string): string[] => header.match(/\*|"[^"]*"/g) ?? [];

/** Whether an If-None-Match header names `etag`, by the weak comparison of RFC 9110. */
export const matchesEtag = (header: string, etag: string): boolean => {
  const bare = etag.startsWith('W/') ? etag.slice(2) : etag;
  return header === bare || parseEtags(header).some((tag) => tag === '*' || tag === bare);
};

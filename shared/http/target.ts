import type { IncomingMessage } from 'node:http';
import { Problem } from '../problems/problem.ts';

/** What a request is for: its path and its query, without the `?`. */
export interface Target {
  readonly path: string;
  readonly search: string;
}

/** A client that takes this for a proxy sends a whole URL, which servers must understand. */
const withoutOrigin = (url: string): string => {
  if (url.startsWith('/')) return url;
  const target = url.replace(/^https?:\/\/[^/?]*/i, '');
  return target.startsWith('?') || target === '' ? `/${target}` : target;
};

export const readTarget = ({ url = '/' }: IncomingMessage): Target => {
  const target = withoutOrigin(url);
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, search: '' } : { path: target.slice(0, mark), search: target.slice(mark + 1) };
};

/** A name or an address, and perhaps a port: RFC 9110, 7.2, with RFC 3986, 3.2. */
const HOST = /^(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})+(?::\d{0,5})?$|^\[[\da-f:.]+\](?::\d{0,5})?$/i;

/**
 * Refuses a request whose host is not clear: what stands before this server may have read the other one.
 * @throws Problem invalid-request
 */
export const checkHost = ({ headers, httpVersionMinor, rawHeaders }: IncomingMessage): void => {
  const { host } = headers;
  if (host === undefined) {
    if (httpVersionMinor === 0) return;
    throw new Problem('invalid-request', 'The Host header is missing; HTTP/1.1 requires one.');
  }
  let lines = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') lines += 1;
  }
  if (lines > 1) throw new Problem('invalid-request', `There are ${lines} Host headers; send one.`);
  if (!HOST.test(host))
    throw new Problem('invalid-request', 'The Host header is not a host name with an optional port.');
};

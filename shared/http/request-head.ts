import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { RequestTrace } from '../log.ts';
import { Problem } from '../problems/problem.ts';

/** A client that takes this server for a proxy sends a whole URL, which RFC 9112 requires servers to accept. */
const withoutOrigin = (url: string): string => {
  if (url.startsWith('/')) return url;
  const target = url.replace(/^https?:\/\/[^/?]*/i, '');
  return target.startsWith('?') || target === '' ? `/${target}` : target;
};

/** The path of a request, and its query without the `?`. */
export const readTarget = ({ url = '/' }: IncomingMessage) => {
  const target = withoutOrigin(url);
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, search: '' } : { path: target.slice(0, mark), search: target.slice(mark + 1) };
};

/** A name or an address with an optional port: RFC 9110, 7.2, with RFC 3986, 3.2. */
const HOST = /^(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})+(?::\d{0,5})?$|^\[[\da-f:.]+\](?::\d{0,5})?$/i;

/**
 * Refuses a request whose host is ambiguous: a proxy in front may have read it differently.
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

const TRACEPARENT = /^[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-|$)/;
const CLOUD_TRACE = /^([\da-f]{32})(?:\/(\d{1,20}))?(?:;o=(\d))?$/i;

const fromCloudTrace = (header: string): RequestTrace | undefined => {
  const [, traceId, span, sampled] = CLOUD_TRACE.exec(header) ?? [];
  if (traceId === undefined) return undefined;
  const spanId = span === undefined ? undefined : BigInt(span).toString(16).padStart(16, '0').slice(-16);
  const id = traceId.toLowerCase();
  return { requestId: id, traceId: id, spanId, sampled: sampled === undefined ? undefined : sampled === '1' };
};

const fromTraceparent = (header: string): RequestTrace | undefined => {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(header) ?? [];
  if (traceId === undefined || flags === undefined) return undefined;
  return { requestId: traceId, traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
};

/** The request's id: from W3C `traceparent`, else from Google's header, else a new one. */
export const readTrace = (headers: IncomingHttpHeaders): RequestTrace => {
  const { traceparent, 'x-cloud-trace-context': cloud } = headers;
  const given =
    (typeof traceparent === 'string' ? fromTraceparent(traceparent) : undefined) ??
    (typeof cloud === 'string' ? fromCloudTrace(cloud) : undefined);
  return given ?? { requestId: randomUUID() };
};

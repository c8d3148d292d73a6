import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestTrace } from '../log.ts';

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

/** The request's identity: W3C `traceparent` first, Google's own header second, else an id made here. */
export const readTrace = (headers: IncomingHttpHeaders): RequestTrace => {
  const { traceparent, 'x-cloud-trace-context': cloud } = headers;
  const given =
    (typeof traceparent === 'string' ? fromTraceparent(traceparent) : undefined) ??
    (typeof cloud === 'string' ? fromCloudTrace(cloud) : undefined);
  return given ?? { requestId: randomUUID() };
};

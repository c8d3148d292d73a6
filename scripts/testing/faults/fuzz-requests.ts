import fc from 'fast-check';
import type { FunctionDefinition } from '../../../shared/http/function.ts';
import type { Route } from '../../../shared/http/route.ts';
import { inputOf, oddities } from './schema-arbitraries.ts';

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A lone surrogate has no UTF-8 form. It is sent as the three bytes that older systems write. */
const encode = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80');

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [['odd', value]];

const brokenSegment = fc.constantFrom('%', '%zz', '%ff', '%c0%af', '%2e%2e', '..', '%00', '{x}', '%2f%2f');

const pathOf = ({ path, input }: Route): fc.Arbitrary<string> => {
  if (input.path === undefined) return fc.constant(path);
  const fill = (segmentOf: (name: string) => string) =>
    path.replace(/\{(\w+)\}/g, (_, name: string) => segmentOf(name) || 'x');
  const given = inputOf(input.path).map((value) => {
    const values = new Map(entriesOf(value));
    return fill((name) => encode(asText(values.get(name) ?? 'missing')));
  });
  return fc.oneof(
    { weight: 8, arbitrary: given },
    brokenSegment.map((segment) => fill(() => segment)),
  );
};

const queryOf = ({ input }: Route): fc.Arbitrary<string> => {
  const noise = fc.constantFrom('', '', '?', '?a=1', '?limit=1&limit=2', '?%', '?__proto__=1', '?prefix=%ff');
  if (input.query === undefined) return noise;
  const given = inputOf(input.query).map((value) => {
    const pairs = entriesOf(value).map(([name, each]) => `${encode(name)}=${encode(asText(each))}`);
    return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  });
  return fc.oneof({ weight: 6, arbitrary: given }, noise);
};

const noiseHeaders = fc.constantFrom<Record<string, string>>(
  {},
  {},
  {},
  { 'x-forwarded-for': '{counters:1}, *, 1.2.3.4' },
  { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  { 'x-cloud-trace-context': '0af7651916cd43dd8448eb211c80319c/18446744073709551616999;o=1' },
  { 'if-none-match': '*' },
  { 'if-match': '"x"' },
  { 'if-match': '*', 'if-none-match': '*' },
  { accept: 'text/html' },
  { origin: 'https://evil.example' },
  { 'x-cloudscheduler': 'true' },
  { range: 'bytes=0-1' },
  { expect: '100-continue' },
  { 'content-encoding': 'gzip' },
);

const headersOf = ({ input }: Route): fc.Arbitrary<Record<string, string>> => {
  if (input.headers === undefined) return noiseHeaders;
  const given = inputOf(input.headers).map((value) => {
    const sendable = entriesOf(value).filter(([name, each]) => /^[a-z-]+$/.test(name) && each !== undefined);
    const toText = (each: unknown) =>
      asText(each)
        .replace(/[^\x20-\x7e]/g, '~')
        .slice(0, 2_000);
    return Object.fromEntries(sendable.map(([name, each]) => [name, toText(each)]));
  });
  return fc.tuple(noiseHeaders, given).map(([noise, own]) => ({ ...noise, ...own }));
};

const brokenBody = fc.constantFrom('{', '"', '[1,]', 'nul', '{"a":1}x', '{"a":\u0001}', '\ufeff{}', '['.repeat(3_000));

const bodyOf = ({ input }: Route): fc.Arbitrary<string | undefined> => {
  const given =
    input.body === undefined ? fc.constant(undefined) : inputOf(input.body).map((value) => JSON.stringify(value));
  return fc.oneof({ weight: 9, arbitrary: given }, brokenBody, fc.constantFrom(undefined, JSON.stringify(oddities)));
};

const typeOf = ({ bodyTypes }: Route): fc.Arbitrary<string | undefined> => {
  const right = [...bodyTypes, ...bodyTypes, ...bodyTypes];
  return fc.constantFrom(...right, 'text/plain', 'application/json; charset=latin1', undefined);
};

const methodOf = ({ method }: Route): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constant(method) },
    fc.constantFrom('HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'),
  );

/** A request as it is sent, and the route that it was made from. */
const requestOf = (route: Route) =>
  fc
    .tuple(methodOf(route), pathOf(route), queryOf(route), headersOf(route), bodyOf(route), typeOf(route))
    .map(([method, path, query, given, body, type]) => {
      const headers: Record<string, string> = { ...given };
      if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
      if (body !== undefined && type !== undefined) headers['content-type'] = type;
      return { route, method, path: path + query, headers, body };
    });

/** Valid and nearly valid requests, made from the schemas of the routes. Every route is equally likely. */
export const fuzzRequests = (functions: readonly FunctionDefinition[], more: readonly Route[]) =>
  fc.oneof(...[...functions.flatMap(({ routes }) => routes), ...more].map(requestOf));

export type FuzzRequest = ReturnType<typeof fuzzRequests> extends fc.Arbitrary<infer Request> ? Request : never;

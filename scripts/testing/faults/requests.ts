import fc from 'fast-check';
import { pathNames } from '../../../shared/http/check-route.ts';
import type { FunctionDefinition } from '../../../shared/http/function.ts';
import type { Route } from '../../../shared/http/route.ts';
import { inputOf, oddities } from './arbitraries.ts';

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A lone surrogate has no UTF-8; it goes as the three bytes that older systems write. */
const encode = (text: string): string => {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ED%A0%80';
  }
};

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [['odd', value]];

const brokenPath = fc.constantFrom('%', '%zz', '%ff', '%c0%af', '%2e%2e', '..', '%00', '{x}', '%2f%2f');

const pathOf = ({ path, input }: Route): fc.Arbitrary<string> => {
  const names = pathNames(path);
  if (names.length === 0 || input.path === undefined) return fc.constant(path);
  const value = inputOf(input.path).map((given) => {
    const values = new Map(entriesOf(given));
    return names.map((name) => encode(asText(values.get(name) ?? 'missing')));
  });
  const segments = fc.oneof(
    { weight: 8, arbitrary: value },
    brokenPath.map((text) => names.map(() => text)),
  );
  return segments.map((texts) =>
    names.reduce((whole, name, at) => whole.replace(`{${name}}`, () => texts[at] || 'x'), path),
  );
};

const queryOf = ({ input }: Route): fc.Arbitrary<string> => {
  const noise = fc.constantFrom('', '', '?', '?a=1', '?limit=1&limit=2', '?%', '?__proto__=1', '?prefix=%ff');
  if (input.query === undefined) return noise;
  const right = inputOf(input.query).map((value) => {
    const pairs = entriesOf(value).map(([name, each]) => `${encode(name)}=${encode(asText(each))}`);
    return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  });
  return fc.oneof({ weight: 6, arbitrary: right }, noise);
};

const headerText = (value: unknown): string =>
  asText(value)
    .replace(/[^\x20-\x7e]/g, '~')
    .slice(0, 2_000);

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
  const own = inputOf(input.headers).map((value) =>
    Object.fromEntries(
      entriesOf(value)
        .filter(([name, each]) => /^[a-z-]+$/.test(name) && each !== undefined)
        .map(([name, each]) => [name, headerText(each)]),
    ),
  );
  return fc.tuple(noiseHeaders, own).map(([noise, mine]) => ({ ...noise, ...mine }));
};

const brokenBody = fc.constantFrom(
  '{',
  '"',
  '[1,]',
  'nul',
  '{"a":1}x',
  '{"a":\u0001}',
  '\ufeff{}',
  `${'['.repeat(3_000)}`,
);

const bodyOf = ({ input, bodyTypes }: Route): fc.Arbitrary<{ body: string | undefined; type: string | undefined }> => {
  const types = [...bodyTypes, ...bodyTypes, ...bodyTypes, 'text/plain', 'application/json; charset=latin1', undefined];
  const type = fc.constantFrom(...types);
  const right =
    input.body === undefined ? fc.constant(undefined) : inputOf(input.body).map((value) => JSON.stringify(value));
  const body = fc.oneof(
    { weight: 9, arbitrary: right },
    brokenBody,
    fc.constantFrom(undefined, JSON.stringify(oddities)),
  );
  return fc.record({ body, type });
};

const methodOf = ({ method }: Route): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constant(method) },
    fc.constantFrom('HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'),
  );

/** A request as it goes over the wire, and the route that it was made from. */
const requestOf = (route: Route) =>
  fc
    .tuple(methodOf(route), pathOf(route), queryOf(route), headersOf(route), bodyOf(route))
    .map(([method, path, query, given, { body, type }]) => {
      const headers: Record<string, string> = { ...given };
      if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
      if (body !== undefined && type !== undefined) headers['content-type'] = type;
      return { route, method, url: path + query, headers, body };
    });

/** Requests to every route of `functions`, from its schemas and from their near misses; each route as often. */
export const fuzzRequests = (functions: readonly FunctionDefinition[], more: readonly Route[]) =>
  fc.oneof(...[...functions.flatMap(({ routes }) => routes), ...more].map(requestOf));

export type FuzzRequest = ReturnType<typeof fuzzRequests> extends fc.Arbitrary<infer Request> ? Request : never;

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openApi } from '../../scripts/generate/openapi.ts';
import { startMadeUpFeed } from '../../scripts/local/made-up-feed.ts';
import { seedUsers } from '../../scripts/seed.ts';
import { emptyRedis, type Served, startServe } from '../../scripts/testing/served.ts';
import { commonRoutes } from '../../shared/http/common-routes.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import type { Route } from '../../shared/http/route.ts';
import { problemSchema, problems } from '../../shared/problems/problem.ts';
import { closeSubscriptions } from '../../shared/redis/index.ts';
import { manifest } from '../manifest.ts';
import document from './openapi.json' with { type: 'json' };

const example = z.object({
  summary: z.string(),
  status: z.int(),
  url: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.json().optional(),
});
const operation = z.object({
  operationId: z.string(),
  security: z.array(z.unknown()),
  parameters: z.array(z.object({ name: z.string(), schema: z.object({ type: z.string().optional() }) })).optional(),
  requestBody: z.object({ content: z.record(z.string(), z.unknown()) }).optional(),
  responses: z.record(z.string(), z.unknown()),
  'x-examples': z.array(example),
});
const paths = z.record(z.string(), z.record(z.string(), operation)).parse(document.paths);
const operations = Object.entries(paths).flatMap(([path, place]) =>
  Object.entries(place).map(([method, each]) => ({ ...each, path, method: method.toUpperCase() })),
);
const functions: readonly FunctionDefinition[] = manifest;
const routes: readonly Route[] = [...functions.flatMap((each) => each.routes), ...commonRoutes];

const headersOf = (response: unknown): object =>
  z.object({ headers: z.looseObject({}) }).safeParse(response).data?.headers ?? {};

describe('the OpenAPI document', () => {
  it('is the one that the manifest makes', async () => {
    expect(await openApi.render()).toBe(await readFile(openApi.file, 'utf8'));
  });

  it('has every route, each under a name of its own', () => {
    const names = (list: readonly { method: string; path: string }[]) =>
      [...new Set(list.map(({ method, path }) => `${method} ${path}`))].sort();
    expect(names(operations)).toEqual(names(routes));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('asks for a token where, and only where, the function is private', () => {
    for (const { name, access, routes: own } of manifest) {
      for (const { method, path } of own) {
        const found = operations.find((each) => each.method === method && each.path === path);
        expect(found?.security.length, `${name} ${method} ${path}`).toBe(access === 'private' ? 1 : 0);
      }
    }
  });

  it('documents what IAM answers where, and only where, the function is private', () => {
    const refused = operations.filter(({ responses }) => '401' in responses && '403' in responses);
    expect(refused).toEqual(operations.filter(({ security }) => security.length > 0));
  });

  it('takes ids, limits and hours as integers', () => {
    const all = operations.flatMap(({ parameters = [] }) => parameters);
    const numbers = all.filter(({ name }) => ['id', 'limit', 'hours', 'step_seconds'].includes(name));
    expect(numbers.length).toBeGreaterThan(10);
    expect(numbers.filter(({ schema }) => schema.type !== 'integer')).toEqual([]);
  });

  it('documents the status of every problem that a route names', () => {
    for (const { method, path, problems: codes = [] } of routes) {
      const found = operations.find((each) => each.method === method && each.path === path);
      const missing = codes.filter((code) => found?.responses[problems[code].status] === undefined);
      expect(missing, `${method} ${path}`).toEqual([]);
    }
  });

  it('says that what has a tag can be asked for on condition', () => {
    const tagged = operations.filter(
      ({ method, responses }) => method === 'GET' && 'ETag' in headersOf(responses['200']),
    );
    expect(tagged.map(({ path }) => path)).toContain('/users/{id}');
    for (const { responses } of tagged) expect(responses).toHaveProperty('304');
  });

  it('shows an example of every operation but endless streams', () => {
    const isStream = ({ answers }: Route) => Object.values(answers).some(({ type }) => type === 'text/event-stream');
    const bare = routes.filter((each) => !isStream(each) && (each.examples ?? []).length === 0);
    expect(bare.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});

describe('an example of the document, sent as it stands', () => {
  let served: Served;
  let feed: Awaited<ReturnType<typeof startMadeUpFeed>>;

  beforeAll(async () => {
    feed = await startMadeUpFeed();
    process.env.SENTICRYPT_URL = feed.senticryptUrl;
    served = await startServe(manifest);
  });

  beforeEach(async () => {
    await emptyRedis();
    await seedUsers();
    await fetch(`${served.url}/refresh`, { method: 'POST' });
  });

  afterAll(async () => {
    await closeSubscriptions();
    await served.stop();
    await feed.stop();
  });

  const examples = operations.flatMap((each) =>
    each['x-examples'].map((sent) => [`${each.method} ${each.path}`, sent.summary, { ...each, ...sent }] as const),
  );

  it.each(examples)('%s: %s', async (name, _summary, { method, url, headers, body, status, requestBody }) => {
    const [type = ''] = Object.keys(requestBody?.content ?? {});
    const response = await fetch(served.url + url, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.status, text.slice(0, 500)).toBe(status);
    const route = routes.find((each) => `${each.method} ${each.path}` === name);
    const answer = route?.answers[status];
    const expected = status >= 400 ? 'application/problem+json' : (answer?.type ?? 'application/json');
    if (text === '') expect(answer).not.toHaveProperty('schema');
    else expect(response.headers.get('content-type')).toBe(expected);
    if (status >= 400) problemSchema.parse(JSON.parse(text));
    else if (text !== '' && expected === 'application/json') answer?.schema?.parse(JSON.parse(text));
  });
});

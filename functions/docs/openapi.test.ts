import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
import { operations } from './operations.ts';

const functions: readonly FunctionDefinition[] = manifest;
const routes: readonly Route[] = [...functions.flatMap((each) => each.routes), ...commonRoutes];

describe('the OpenAPI document', () => {
  it('is what the manifest generates', async () => {
    expect(await openApi.render()).toBe(await readFile(openApi.file, 'utf8'));
  });

  it('has every route, each with its own operationId', () => {
    const names = (list: readonly { method: string; path: string }[]) =>
      [...new Set(list.map(({ method, path }) => `${method} ${path}`))].sort();
    expect(names(operations)).toEqual(names(routes));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('requires a token exactly where the function is private', () => {
    for (const { name, access, routes: own } of manifest) {
      for (const { method, path } of own) {
        const found = operations.find((each) => each.method === method && each.path === path);
        expect(found?.security.length, `${name} ${method} ${path}`).toBe(access === 'private' ? 1 : 0);
      }
    }
  });

  it('documents the answers of IAM exactly where the function is private', () => {
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

  it('documents 304 for every GET that answers an ETag', () => {
    const tagged = operations.filter(
      ({ method, responses }) => method === 'GET' && 'ETag' in Object(Object(responses['200']).headers),
    );
    expect(tagged.map(({ path }) => path)).toContain('/users/{id}');
    for (const { responses } of tagged) expect(responses).toHaveProperty('304');
  });

  it('has an example of every operation except endless streams', () => {
    const isStream = ({ answers }: Route) => Object.values(answers).some(({ type }) => type === 'text/event-stream');
    const bare = routes.filter((each) => !isStream(each) && (each.examples ?? []).length === 0);
    expect(bare.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});

describe('an example in the document, sent unchanged', () => {
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

  const examples = operations.flatMap(({ method, path, requestBody, 'x-examples': samples }) =>
    samples.map((sample) => [`${method} ${path}`, sample.summary, { ...sample, method, requestBody }] as const),
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

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allKeys, command, emptyRedis, type Served, startServe } from '../scripts/testing/served.ts';
import { targetOf } from '../shared/client.ts';
import type { FunctionDefinition } from '../shared/http/function.ts';
import type { Route } from '../shared/http/route.ts';
import type { Example } from '../shared/http/route-types.ts';
import { manifest } from './manifest.ts';

const isWrite = ({ method }: Route) => method !== 'GET';
const functions: readonly FunctionDefinition[] = manifest;
const writes = functions.flatMap(({ routes }) => routes.filter(isWrite));
/** Routes that write one named thing. Its name is in the path, or in the body for POST /cache. */
const named = writes.filter(({ path, answers }) => path.includes('{') || answers[201] !== undefined);

const isDone = ({ status }: Example) => status < 300;

/** The route and example that create the thing at this path. */
const makerOf = (path: string) => {
  const makers = named.filter((route) => route.method !== 'DELETE' && route.path === path);
  const [made] = makers.flatMap((route) =>
    (route.examples ?? []).filter(isDone).map((example) => ({ route, example })),
  );
  if (made === undefined) throw new Error(`no example writes ${path}`);
  return made;
};

let served: Served;
beforeAll(async () => {
  served = await startServe(manifest);
});
beforeEach(emptyRedis);
afterAll(() => served.stop());

const stored = async () => {
  const keys = await allKeys();
  return Promise.all(keys.map(async (key) => [key, await command('DUMP', key)]));
};

const send = (route: Route, path: string, headers: Record<string, string>) => {
  const body = route.examples?.find((example) => example.body !== undefined)?.body;
  return served.call(route.method, path, { ...(body !== undefined && { body }), headers });
};

describe.each(named.map((route) => ({ name: `${route.method} ${route.path}`, route })))('$name', ({ route }) => {
  const maker = makerOf(route.path);
  const path = targetOf(route.path, maker.example);

  it.each<Record<string, string>>([{ 'if-match': '"another-version"' }, { 'if-none-match': '*' }])(
    'answers 412 to %j when the thing exists, and leaves it unchanged',
    async (headers) => {
      await served.call(maker.route.method, path, { body: maker.example.body });
      const before = await stored();
      expect(before).not.toEqual([]);
      expect((await send(route, path, headers)).status).toBe(412);
      expect(await stored()).toEqual(before);
    },
  );

  it.each([{ 'if-match': '*' }, { 'if-match': '"another-version"' }])(
    'writes nothing with %j when the thing does not exist',
    async (headers) => {
      expect((await send(route, path, headers)).status).toBe(
        route.method === 'DELETE' || route.method === 'PATCH' ? 404 : 412,
      );
      expect(await stored()).toEqual([]);
    },
  );
});

it('there are routes to check', () => {
  expect(named.length).toBeGreaterThan(0);
});

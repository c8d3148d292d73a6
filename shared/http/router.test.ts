import { expect, it } from 'vitest';
import * as z from 'zod';
import { noContent } from './answer.ts';
import { pathNames } from './check-route.ts';
import { defineFunction } from './function.ts';
import { type Method, route } from './route.ts';
import { Router } from './router.ts';

const routes = (paths: readonly `/${string}`[], method: Method = 'GET') =>
  paths.map((path) =>
    route({
      method,
      path,
      summary: path,
      input: { path: z.object(Object.fromEntries(pathNames(path).map((name) => [name, z.string()]))) },
      answers: { 204: { description: '' } },
      handle: () => noContent(),
    }),
  );

const router = new Router(
  [
    defineFunction({
      name: 'things',
      summary: '',
      access: 'private',
      limited: false,
      routes: routes(['/things', '/things/new', '/things/{id}', '/things/{id}/parts/{part}', '/things/all/{page}']),
    }),
  ],
  [],
);

const found = (path: string) => {
  const { route: match, values } = router.find('GET', path);
  return [match.path, ...values];
};

it('finds a path by its segments, a named one before a parameter', () => {
  expect(found('/things')).toEqual(['/things']);
  expect(found('/things/new')).toEqual(['/things/new']);
  expect(found('/things/7')).toEqual(['/things/{id}', '7']);
  expect(found('/things/all/2')).toEqual(['/things/all/{page}', '2']);
});

it('goes back to the parameter when a named segment leads nowhere', () => {
  expect(found('/things/all')).toEqual(['/things/{id}', 'all']);
  expect(found('/things/all/parts/3')).toEqual(['/things/{id}/parts/{part}', 'all', '3']);
});

it.each(['/', '/things/', '/things//parts/3', '/things/7/parts', '/things/7/parts/3/', '/nothing', '*'])(
  'knows no path %s',
  (path) => {
    expect(() => router.find('GET', path)).toThrow('There is nothing at this path');
  },
);

it("takes a function's own route where a common one has the same path", () => {
  const [own, common] = [routes(['/health']), routes(['/health'])];
  const things = defineFunction({ name: 'things', summary: '', access: 'private', limited: false, routes: own });
  expect(new Router([things], common).find('GET', '/health').route).toBe(own[0]);
});

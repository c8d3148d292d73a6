import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, emptyRedis, isServed, type Served, startServe } from '../scripts/testing/served.ts';
import { type FeedServer, startFeed } from '../scripts/testing/test-feed.ts';
import { targetOf } from '../shared/client.ts';
import { generationKey } from '../shared/domain/tag-generation.ts';
import type { FunctionDefinition } from '../shared/http/function.ts';
import { manifest } from './manifest.ts';

/** For each cache tag, a route that writes the data behind it. */
const WRITERS: Readonly<Record<string, readonly [method: string, path: string]>> = {
  users: ['PUT', '/users/{id}'],
  items: ['POST', '/items/{id}'],
  samples: ['POST', '/refresh'],
};

const functions: readonly FunctionDefinition[] = manifest;
const routes = functions.flatMap((each) => each.routes);
const tags = new Set(routes.flatMap(({ cache }) => cache?.tags ?? []));

let served: Served;
let feed: FeedServer;
beforeAll(async () => {
  feed = await startFeed();
  process.env.SENTICRYPT_URL = feed.url;
  served = await startServe(manifest);
});
afterAll(async () => {
  await served.stop();
  await feed.stop();
});

it('every cache tag has a route here that writes its data', () => {
  expect(Object.keys(WRITERS)).toEqual(expect.arrayContaining([...tags]));
});

describe.each(Object.entries(WRITERS))('cached answers tagged %s', (tag, [method, path]) => {
  it.runIf(isServed(manifest, method, path))(`are invalidated by ${method} ${path}`, async () => {
    await emptyRedis();
    await command('SET', generationKey(tag), 'before');
    const writer = routes.find((route) => route.method === method && route.path === path);
    const [{ body, path: values } = {}] = writer?.examples ?? [];
    expect((await served.call(method, targetOf(path, { path: values }), { body })).status).toBeLessThan(300);
    expect(await command('GET', generationKey(tag))).not.toBe('before');
  });
});

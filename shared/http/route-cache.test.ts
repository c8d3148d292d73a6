import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { allKeys, emptyRedis, type Served, startServe } from '../../scripts/testing/served.ts';
import { startProxy, type TcpProxy } from '../../scripts/testing/tcp-proxy.ts';
import { keepAnswers } from '../domain/kept-answers.ts';
import { takeCall } from '../domain/limiter.ts';
import { emptyTag } from '../domain/tag-generation.ts';
import { cacheTag } from '../hooks.ts';
import { ok } from './answer.ts';
import { defineFunction } from './function.ts';
import { route } from './route.ts';

const tag = cacheTag('numbers');
let computed = 0;
const readNumber = route({
  method: 'GET',
  path: '/numbers/{id}',
  summary: 'A number',
  cache: { seconds: 60, vary: ['accept-language'], tags: [tag] },
  input: {
    path: z.strictObject({ id: z.string() }),
    query: z.strictObject({ by: z.string().regex(/^\d+$/).transform(Number).default(1) }),
  },
  answers: { 200: { description: 'It.', schema: z.number() } },
  handle: () => {
    computed += 1;
    return ok(computed, { headers: { 'x-own': 'own' } });
  },
});
const numbers = defineFunction({
  name: 'numbers',
  summary: 'Numbers',
  access: 'public',
  limited: true,
  needsRedis: false,
  routes: [readNumber],
});

let wire: TcpProxy;
let served: Served;
beforeAll(async () => {
  wire = await startProxy(process.env.REDIS_URL ?? '');
  process.env.REDIS_URL = wire.url;
  served = await startServe([numbers], { keep: keepAnswers, limit: takeCall });
});
beforeEach(async () => {
  computed = 0;
  await emptyRedis();
});
afterAll(async () => {
  await served.stop();
  await wire.stop();
});

const read = (path = '/numbers/a', headers = {}) => served.call('GET', path, { headers });

describe('a route with a cache', () => {
  it('is one trip on a hit, with the limit of its client', async () => {
    await read();
    const before = wire.trips();
    expect((await read()).headers.get('cache-status')).toMatch(/^redis; hit; ttl=/);
    expect(wire.trips() - before).toBe(1);
  });

  it('answers a hit as the first answer was sent, and says truly how it came by it', async () => {
    const first = await read();
    expect(first.headers.get('cache-status')).toBe('redis; fwd=miss; stored');
    expect(first.headers.get('age')).toBeNull();
    const second = await read();
    expect(second.headers.get('cache-status')).toMatch(/^redis; hit; ttl=(59|60)$/);
    expect(second.headers.get('age')).toMatch(/^[01]$/);
    const names = ['content-type', 'x-own', 'etag', 'vary', 'cache-control'];
    const sent = ({ text, headers }: typeof first) => [text, ...names.map((name) => headers.get(name))];
    expect(sent(second)).toEqual(sent(first));
    expect(second.headers.get('vary')).toBe('accept-language');
  });

  it('answers 304 to the tag of what is kept, until its tag was emptied', async () => {
    const { etag } = await read();
    expect((await read('/numbers/a', { 'if-none-match': etag })).status).toBe(304);
    await emptyTag(tag);
    expect(await read('/numbers/a', { 'if-none-match': etag })).toMatchObject({ status: 200, body: 2 });
  });

  it('keeps one answer for each checked input and varying header, however the input is written', async () => {
    const same = ['/numbers/a', '/numbers/%61', '/numbers/a?by=1', '/numbers/a?by=001', '/numbers/a?%62y=1'];
    for (const path of same) expect((await read(path)).body).toBe(1);
    expect((await read('/numbers/a?by=2')).body).toBe(2);
    expect((await read('/numbers/a', { 'accept-language': 'fr' })).body).toBe(3);
    expect((await read('/numbers/a', { 'accept-language': 'fr' })).body).toBe(3);
  });

  it('serves HEAD from the same answer', async () => {
    await read();
    const head = await fetch(`${served.url}/numbers/a`, { method: 'HEAD' });
    expect([head.status, head.headers.get('cache-status')?.slice(0, 10)]).toEqual([200, 'redis; hit']);
    expect(computed).toBe(1);
  });

  it('refuses bad input without asking the cache', async () => {
    expect((await read('/numbers/a?other=1')).status).toBe(400);
    expect((await allKeys()).filter((key) => key.startsWith('kept'))).toEqual([]);
  });

  it('writes keys that no input can form', async () => {
    for (const id of ['{x}', 'a:b', '%0d%0a*', 'kept-tag:numbers', '1,"2"]'])
      await read(`/numbers/${encodeURIComponent(id)}`);
    const kept = (await allKeys()).filter((key) => key.startsWith('kept'));
    for (const key of kept) expect(key).toMatch(/^kept(:\{[\w-]{43}\}|-tag:numbers)$/);
    expect(kept.filter((key) => key.startsWith('kept:'))).toHaveLength(5);
  });

  it('computes while Redis is away', async () => {
    wire.resetOn('request');
    const away = [await read(), await read()];
    wire.resetOn('never');
    expect(away.map(({ status, body }) => [status, body])).toEqual([
      [200, 1],
      [200, 2],
    ]);
  });
});

describe('a cache that cannot be', () => {
  const answers = { 200: { description: 'It.', schema: z.string() } };
  const thing = { method: 'GET', path: '/things', summary: 'A thing', answers, handle: () => ok('it') } as const;

  it.each([
    ['on a route that writes', { method: 'POST', cache: { seconds: 1 } }, 'only a GET can have a cache'],
    ['with a tag that nothing writes', { cache: { seconds: 1, tags: ['mine'] } }, 'nothing writes the tag "mine"'],
    ['for no time', { cache: { seconds: 0 } }, 'cache.seconds is 0; it must be an integer from 1 to 86400'],
    ['for half a second', { cache: { seconds: 0.5 } }, 'cache.seconds is 0.5'],
    ['for ever', { cache: { seconds: Number.POSITIVE_INFINITY } }, 'cache.seconds is Infinity'],
    ['stale for less than no time', { cache: { seconds: 1, staleSeconds: -1 } }, 'cache.staleSeconds is -1'],
    ['by a header that is none', { cache: { seconds: 1, vary: ['Accept'] } }, 'cache.vary: "Accept"'],
    [
      'of several types without Accept',
      { cache: { seconds: 1 }, answers: { 200: { ...answers[200], also: { 'text/html': z.string() } } } },
      'cache.vary lacks "accept"',
    ],
  ])('is refused with the name of its route: %s', (_what, wrong: object, says) => {
    expect(() => route({ ...thing, ...wrong })).toThrow(`${'method' in wrong ? wrong.method : 'GET'} /things: ${says}`);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { problemResponses } from '../../scripts/generate/openapi-problems.ts';
import { allKeys, emptyRedis, type Served, startServe } from '../../scripts/testing/served.ts';
import { takeCall } from '../domain/limiter.ts';
import { noContent } from './answer.ts';
import { defineFunction } from './function.ts';
import { route } from './route.ts';

const functionOf = (access: 'public' | 'private') => {
  const answers = { 204: { description: 'Done.' } };
  const read = route({ method: 'GET', path: `/${access}`, summary: 'A thing', answers, handle: () => noContent() });
  return defineFunction({ name: access, summary: 'A thing', access, limited: true, routes: [read] });
};

const payload = Buffer.from('{"sub":"1234"}').toString('base64url');
const headers = {
  authorization: `Bearer e30.${payload}.SIGNATURE_REMOVED_BY_GOOGLE`,
  'x-forwarded-for': '203.0.113.7',
};

let served: Served;
afterEach(() => served.stop());

const clientsOf = async (...accesses: ('public' | 'private')[]) => {
  const clients: string[] = [];
  const limit = (_name: string, client: string) => {
    clients.push(client);
    return undefined;
  };
  served = await startServe(accesses.map(functionOf), { limit });
  for (const access of accesses) await served.call('GET', `/${access}`, { headers });
  return clients;
};

it('limits the account that calls, where Google has checked every token', async () => {
  expect(await clientsOf('private')).toEqual(['subject 1234']);
});

it('limits the address where a function is public, since a token can be made up there', async () => {
  expect(await clientsOf('public', 'private')).toEqual(['203.0.113.7', '203.0.113.7']);
});

describe('a route with a rate of its own', () => {
  const answers = { 204: { description: 'Done.' } };
  const thing = { method: 'GET', summary: 'A thing', answers, handle: () => noContent() } as const;
  const path = z.strictObject({ id: z.string() });
  const strict = route({ ...thing, path: '/things/{id}', input: { path }, limit: { perMinute: 3, burst: 2 } });
  const other = route({ ...thing, path: '/others' });
  const things = (limited: boolean) =>
    defineFunction({ name: 'things', summary: 'Things', access: 'public', limited, routes: [strict, other] });

  const ask = async (path: string, address = '203.0.113.7') => {
    const { status, headers } = await served.call('GET', path, { headers: { 'x-forwarded-for': address } });
    return [status, ...['ratelimit-policy', 'ratelimit', 'retry-after'].map((name) => headers.get(name))];
  };

  it('has it whatever its values are, for each client, apart from its function', async () => {
    await emptyRedis();
    served = await startServe([things(true)], { limit: takeCall });
    const policy = '"default";q=2;w=40';
    expect(await ask('/things/1')).toEqual([204, policy, '"default";r=1;t=20', null]);
    expect((await ask('/things/2'))[0]).toBe(204);
    const [status, , , retryAfter] = await ask('/things/3');
    expect([status, retryAfter]).toEqual([429, expect.stringMatching(/^(19|20)$/)]);
    expect(await ask('/things/1', '203.0.113.8')).toEqual([204, policy, '"default";r=1;t=20', null]);
    expect(await ask('/others')).toEqual([204, '"default";q=100;w=10', '"default";r=99;t=1', null]);
    // No braces: on a cluster they would bring all clients to one node.
    expect(await allKeys()).toContain('limit:GET /things/:id:3-2:203.0.113.7');
  });

  it('has it in a function without a limit, and says so in the document', async () => {
    served = await startServe([things(false)], { limit: takeCall });
    expect((await ask('/things/1', '203.0.113.9'))[1]).toBe('"default";q=2;w=40');
    expect((await ask('/others'))[1]).toBeNull();
    const statuses = [strict, other].map((each) => Object.keys(problemResponses(each, things(false))));
    expect(statuses.map((documented) => documented.includes('429'))).toEqual([true, false]);
  });

  it.each([
    ['no call at all', { perMinute: 0 }, 'limit.perMinute is 0; it must be an integer from 1 to 1000000'],
    ['half a call', { perMinute: 0.5 }, 'limit.perMinute is 0.5'],
    ['more than can be counted', { perMinute: 1_000_001 }, 'limit.perMinute is 1000001'],
    ['no number', { perMinute: Number.NaN }, 'limit.perMinute is NaN'],
    ['no call at once', { perMinute: 1, burst: 0 }, 'limit.burst is 0; it must be an integer from 1 to 1000000'],
  ])('is refused with its name when the rate is %s', (_what, limit, says) => {
    expect(() => route({ ...thing, path: '/others', limit })).toThrow(`GET /others: ${says}`);
  });
});

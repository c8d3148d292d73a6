import { afterEach, expect, it } from 'vitest';
import { type Served, startServe } from '../../scripts/testing/served.ts';
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

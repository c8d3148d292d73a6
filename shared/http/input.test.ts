import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Served, startServe } from '../../scripts/testing/served.ts';
import { noContent } from './answer.ts';
import { defineFunction } from './function.ts';
import { route } from './route.ts';

const MAX_ANSWER_BYTES = 16_384;

const body = z.strictObject({
  name: z.string().min(1).max(5),
  age: z.int().min(0).max(150),
  email: z.email(),
  kind: z.enum(['a', 'b']),
  tags: z.array(z.string()).min(2).max(3).optional(),
  size: z
    .union([z.strictObject({ width: z.number() }), z.strictObject({ height: z.number(), depth: z.number() })])
    .optional(),
});
const good = { name: 'A', age: 1, email: 'a@example.com', kind: 'a' };

let served: Served;
beforeAll(async () => {
  const answers = { 204: { description: 'Done.' } };
  const put = route({
    method: 'PUT',
    path: '/thing',
    summary: 'A thing',
    input: { body },
    answers,
    handle: () => noContent(),
  });
  const list = route({
    method: 'POST',
    path: '/list',
    summary: 'A list',
    input: { body: z.strictObject({ rows: z.record(z.string(), z.number()) }) },
    answers,
    handle: () => noContent(),
  });
  served = await startServe([
    defineFunction({ name: 'thing', summary: 'A thing', access: 'public', limited: false, routes: [put, list] }),
  ]);
});
afterAll(() => served.stop());

const put = async (sent: unknown) => (await served.call('PUT', '/thing', { body: sent })).body;

describe('a fault in the input', () => {
  const faults: readonly [what: string, change: object, path: string, message: string][] = [
    ['a missing field', { age: undefined }, 'body.age', 'Is missing'],
    ['null', { name: null }, 'body.name', 'Must be a text, not null'],
    ['a number for a text', { name: 1 }, 'body.name', 'Must be a text, not a number'],
    ['a fraction for an integer', { age: 1.5 }, 'body.age', 'Must be an integer, not a number with a fraction'],
    ['an empty text', { name: '' }, 'body.name', 'Must not be empty'],
    ['a long text', { name: '123456' }, 'body.name', 'Must have at most 5 characters'],
    ['a small number', { age: -1 }, 'body.age', 'Must be at least 0'],
    ['a large number', { age: 151 }, 'body.age', 'Must be at most 150'],
    ['no e-mail address', { email: 'x' }, 'body.email', 'Must be an e-mail address'],
    ['none of the values', { kind: 'c' }, 'body.kind', 'Must be "a" or "b"'],
    ['a short list', { tags: ['x'] }, 'body.tags', 'Must have at least 2 entries'],
    ['a field too many', { extra: 1 }, 'body.extra', 'There is no such field; leave it out'],
    ['the nearest form', { size: { width: 'x' } }, 'body.size.width', 'Must be a number, not a text'],
  ];
  it.each(faults)('says in plain English what would be right: %s', async (_what, change, path, message) => {
    expect(await put({ ...good, ...change })).toMatchObject({
      errors: [{ path, message }],
      detail: `${path}: ${message}`,
    });
  });

  it.each([
    ['null', 'Must be an object, not null'],
    ['3', 'Must be an object, not a number'],
    ['[]', 'Must be an object, not a list'],
    [undefined, 'Is missing'],
  ])('tells a body of %s from none', async (text, message) => {
    expect(await put(text)).toMatchObject({ errors: [{ path: 'body', message }] });
  });
});

describe('an answer to input with many faults', () => {
  const fields = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`f${at}`, 1]));

  it('names 20 of them, and says how many more there are', async () => {
    const { body: problem, text } = await served.call('PUT', '/thing', { body: { ...good, ...fields } });
    expect(problem).toMatchObject({ status: 400, detail: expect.stringContaining('(and 99999 more)') });
    expect(problem).toHaveProperty('errors.length', 20);
    expect(text.length).toBeLessThan(MAX_ANSWER_BYTES);
  });

  it.each([
    ['a long name', 'x'.repeat(1_000_000)],
    ['a name of control characters', '\u0001'.repeat(160_000)],
    ['a name of many bytes', '\u{1f600}'.repeat(250_000)],
    ['a name that HTML escapes', '&'.repeat(1_000_000)],
  ])('stays short with %s, as JSON and as a page', async (_what, name) => {
    const sent = JSON.stringify({ ...good, [name]: 1 });
    const headers = { 'content-type': 'application/json' };
    for (const accept of ['application/json', 'text/html']) {
      const response = await fetch(`${served.url}/thing`, {
        method: 'PUT',
        headers: { ...headers, accept },
        body: sent,
      });
      expect(response.status).toBe(400);
      expect(Buffer.byteLength(await response.text())).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
    }
  });

  it('stays short when twenty names are long', async () => {
    const long = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`${at}${'\u0001'.repeat(5_000)}`, 'x']));
    const { text } = await served.call('PUT', '/thing', { body: { ...good, ...long } });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
  });
});

describe('a body', () => {
  it('may hold 1 MiB and 64 KiB, and not a byte more', async () => {
    const sent = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;
    expect((await served.call('PUT', '/thing', { body: sent(1_114_112) })).status).toBe(400);
    expect((await served.call('PUT', '/thing', { body: sent(1_114_113) })).status).toBe(413);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ok } from './answer.ts';
import { route } from './route.ts';

const GOOD = `import * as z from 'zod';
import type { Api } from '../../functions/manifest.ts';
import { createClient } from '../../shared/client.ts';
import { ok } from '../../shared/http/answer.ts';
import { route } from '../../shared/http/route.ts';

export const greet = route({
  method: 'GET',
  path: '/greetings/{name}',
  summary: 'Greet a person',
  input: { path: z.strictObject({ name: z.string() }) },
  answers: {
    200: { description: 'The greeting.', schema: z.strictObject({ greeting: z.string() }), example: { greeting: 'a' } },
  },
  examples: [{ summary: 'Greet Ada', path: { name: 'Ada' }, status: 200 }],
  handle: async ({ path: { name } }) => ok({ greeting: name }),
});

export const read = async (): Promise<string> => {
  const user = await createClient<Api>('http://localhost:8080')('GET /users/{id}', { path: { id: 4 } });
  return user.status === 200 ? user.body.name : 'unknown';
};
`;

/** The example of README.md, as it reads from a folder further down. */
const [, README = ''] = /```ts\n(.*?)```/s.exec(readFileSync('README.md', 'utf8')) ?? [];
const EXAMPLE = README.replaceAll("'./", "'../../");

/** A mistake, what it makes of the good file, and what the compiler must say at that line. */
const MISTAKES: readonly [what: string, good: string, bad: string, says: string][] = [
  ['answer', 'ok({ greeting: name })', 'ok({ greting: name })', "'greeting' is missing in type '{ greting: string; }'"],
  ['path', '/greetings/{name}', '/greetings/{nam}', 'The path has {nam}, input.path has name'],
  ['example', "path: { name: 'Ada' }", "path: { nam: 'Ada' }", "'nam' does not exist in type"],
  ['answer-example', "example: { greeting: 'a' }", "example: { greting: 'a' }", "'greeting' is missing in type"],
  ['status', 'status: 200 }', 'status: 201 }', "Type '201' is not assignable to type"],
  ['client-path', 'path: { id: 4 }', 'path: { ident: 4 }', "'ident' does not exist in type"],
  ['client-route', "'GET /users/{id}'", "'GET /user/{id}'", `Argument of type '"GET /user/{id}"' is not assignable`],
  ['client-body', 'user.body.name', 'user.body.nam', "Property 'nam' does not exist on type"],
];
/** Files without a mistake. */
const SOUND = { good: GOOD, readme: EXAMPLE };

describe('a planted mistake in a contract', () => {
  let said: string;

  beforeAll(() => {
    mkdirSync('.cache', { recursive: true });
    const folder = mkdtempSync(join('.cache', 'planted-'));
    for (const [what, text] of Object.entries(SOUND)) writeFileSync(join(folder, `${what}.ts`), text);
    for (const [what, good, bad] of MISTAKES) writeFileSync(join(folder, `${what}.ts`), GOOD.replace(good, bad));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      '{ "extends": "../../tsconfig.json", "include": ["."], "exclude": [] }',
    );
    const tsc = ['node_modules/typescript/bin/tsc', '--singleThreaded', '-p', folder];
    const run = spawnSync(process.execPath, tsc, { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    said = run.stdout;
  });

  it('is not seen where there is none, such as in the example of README.md', () => {
    expect(EXAMPLE).toContain('createClient<Api>');
    expect(said).toContain('error TS');
    for (const what of Object.keys(SOUND)) expect(said).not.toContain(`${what}.ts`);
  });

  it.each(MISTAKES)('is refused by the compiler: %s', (what, _good, _bad, says) => {
    const own = said.split(/\n(?=\S)/).filter((error) => error.includes(`/${what}.ts`));
    expect(own.join('\n')).toContain(says);
  });
});

describe('a route that contradicts itself', () => {
  const answers = { 200: { description: 'It.', schema: z.string() } };
  const thing = { method: 'GET', summary: 'A thing', answers, handle: () => ok('it') } as const;

  it('is refused when its path names what its input lacks', () => {
    expect(() => route({ ...thing, path: '/things/{id}' })).toThrow(
      'GET /things/{id}: input.path lacks "id", which the path names',
    );
  });

  it('is refused when an example has a status that it does not document', () => {
    const examples = [{ summary: 'Ask', status: 404 }] as const;
    const wide: object = { examples };
    expect(() => route({ ...thing, path: '/things', ...wide })).toThrow(
      'GET /things: the example "Ask" has the status 404',
    );
  });

  it('is refused when an answer with a body has no schema', () => {
    expect(() =>
      route({ ...thing, path: '/things', answers: { 200: { description: 'It.' } }, handle: () => ok(undefined) }),
    ).toThrow('GET /things: the answer 200 needs a schema');
  });
});

import { globSync, readFileSync } from 'node:fs';
import { parse } from '@cdktf/hcl2json';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { expectedOutputs, release } from '../scripts/deploy/plan.ts';

/*
 * provider-arguments.json: for each resource and block of the provider (google 7.45, by its documentation) the
 * arguments there are; `!` marks those that must be given.
 */
const known = z
  .record(z.string(), z.record(z.string(), z.string()))
  .parse(JSON.parse(readFileSync('infra/provider-arguments.json', 'utf8')));

const functions = z
  .record(z.string(), z.object({ service_account: z.string() }))
  .parse(JSON.parse(readFileSync('infra/functions.json', 'utf8')));

/** Terraform's own, on any resource. */
const META = new Set(['count', 'for_each', 'depends_on', 'lifecycle', 'provider']);

const blocks = z.array(z.record(z.string(), z.unknown()));
const named = z.record(z.string(), blocks).default({});
const document = z.object({
  resource: z.record(z.string(), named).default({}),
  variable: named,
  output: named,
  locals: blocks.default([]),
});

const validations = z.tuple([z.object({ condition: z.string(), error_message: z.string() })]);

const files = globSync('infra/*.tf').sort();
const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
let terraform: z.infer<typeof document>[];

beforeAll(async () => {
  const parsed = await Promise.all(files.map((file) => parse(file, readFileSync(file, 'utf8'))));
  terraform = parsed.map((it) => document.parse(it));
});

const resources = () =>
  terraform.flatMap(({ resource }) =>
    Object.entries(resource).flatMap(([type, all]) =>
      Object.entries(all).flatMap(([name, bodies]) => bodies.map((body) => ({ type, name, body }))),
    ),
  );

const declared = (kind: 'variable' | 'output') => terraform.flatMap((it) => Object.keys(it[kind]));
const locals = () => terraform.flatMap(({ locals }) => locals.flatMap((block) => Object.keys(block)));
const referred = (pattern: RegExp) => new Set([...text.matchAll(pattern)].map(([, name]) => name));

type Blocks = Readonly<Record<string, string>>;

/** What is wrong with one block, and with the blocks in it. */
const faults = (spec: Blocks, path: string, body: Readonly<Record<string, unknown>>): string[] => {
  const words = spec[path]?.split(' ') ?? [];
  const names = new Set(words.map((word) => word.replace('!', '')));
  const missing = words.filter((word) => word.endsWith('!') && !(word.slice(0, -1) in body));
  const given = Object.entries(body).filter(([name]) => path !== '' || !META.has(name));
  return [
    ...missing.map((word) => `${path} lacks ${word}`),
    ...given.flatMap(([name, value]) => {
      if (!names.has(name)) return [`${path} has no ${name}`];
      const inner = path === '' ? name : `${path}_${name}`;
      const nested = blocks.safeParse(value);
      return nested.success && inner in spec ? nested.data.flatMap((block) => faults(spec, inner, block)) : [];
    }),
  ];
};

describe('Terraform', () => {
  it('gives every resource the arguments that the provider has, and all that it must have', () => {
    const wrong = resources().flatMap(({ type, name, body }) =>
      faults(known[type] ?? {}, '', body)
        .filter(() => type in known)
        .map((fault) => `${type}.${name}: ${fault}`),
    );
    expect(wrong).toEqual([]);
    expect(resources().filter(({ type }) => type in known).length).toBeGreaterThan(25);
  });

  it('declares every variable that it uses, and uses every one that it declares', () => {
    expect([...referred(/\bvar\.(\w+)/g)].sort()).toEqual(declared('variable').sort());
  });

  it('gives every variable a type, a description and, unless it is a switch, a validation', () => {
    for (const { variable } of terraform) {
      for (const [name, [body]] of Object.entries(variable)) {
        expect(body, name).toMatchObject({ type: expect.any(String), description: expect.any(String) });
        if (!String(body?.type).includes('bool')) expect(body, name).toHaveProperty('validation');
      }
    }
  });

  it('describes every output', () => {
    for (const { output } of terraform) {
      for (const [name, [body]] of Object.entries(output)) expect(body?.description, name).toEqual(expect.any(String));
    }
  });

  it('resolves every reference to a local value, and uses every one', () => {
    const all = locals();
    expect(all).toEqual([...new Set(all)]);
    expect([...referred(/\blocal\.(\w+)/g)].sort()).toEqual(all.sort());
  });

  it('resolves every reference to a resource', () => {
    const there = new Set(resources().map(({ type, name }) => `${type}.${name}`));
    const strange = [...referred(/\b(google_\w+\.\w+)/g)].filter((name) => name !== undefined && !there.has(name));
    expect(strange).toEqual([]);
  });

  it('names only functions of the manifest', () => {
    const used = [
      ...referred(/\b(?:urls|function)(?:\["| = ")([\w-]+)"/g),
      ...referred(/\bservice_name = \\"([\w-]+)\\"/g),
      ...referred(/(?<=\bsetsubtract\(keys\(local\.functions\),[^\]]*)"([\w-]+)"/g),
    ];
    expect(used.length).toBeGreaterThan(4);
    expect(Object.keys(functions)).toEqual(expect.arrayContaining(used));
  });

  it('lets no setting hold what separates settings, or substitutions, in the build', () => {
    const place = { project: 'p', region: 'r' };
    const commands = [...release(place, expectedOutputs(place)).command, readFileSync('cloudbuild.yaml', 'utf8')];
    const separators = new Set([...commands.join(' ').matchAll(/=\^(.)\^/g)].map(([, separator]) => separator));
    const [settings] = terraform.flatMap(({ variable }) => variable.settings ?? []);
    const [{ condition, error_message }] = validations.parse(settings?.validation);
    const [, forbidden = ''] = /!can\(regex\("\[(.+)\]", value\)\)/.exec(condition) ?? [];
    expect(new Set(forbidden)).toEqual(separators);
    for (const separator of separators) expect(error_message).toContain(`no ${separator}`);
  });

  it('fits each account in the 6 to 30 characters that Google allows', () => {
    for (const { service_account } of Object.values(functions))
      expect(service_account).toMatch(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/);
  });

  it('lets all tries of a refresh end within its minute', () => {
    const [job] = resources().filter(({ type }) => type === 'google_cloud_scheduler_job');
    const spec = z
      .object({
        attempt_deadline: z.string(),
        retry_config: z.tuple([
          z.object({ retry_count: z.int(), min_backoff_duration: z.string(), max_backoff_duration: z.string() }),
        ]),
      })
      .parse(job?.body);
    const [retry] = spec.retry_config;
    const tries = (retry.retry_count + 1) * Number.parseInt(spec.attempt_deadline, 10);
    const pauses = Number.parseInt(retry.min_backoff_duration, 10) + Number.parseInt(retry.max_backoff_duration, 10);
    expect(tries + pauses).toBeLessThanOrEqual(60);
  });
});

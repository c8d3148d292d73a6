import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifest } from './manifest.ts';

const files = globSync(['functions/**/*.ts', 'shared/**/*.ts'])
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));

const importsOf = ({ file, text }: { file: string; text: string }): string[] =>
  [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path]) => normalize(join(dirname(file), path ?? '')));

/** A file that matches `from` must not import one that matches `to`. */
const forbidden: readonly [rule: string, from: RegExp, to: RegExp][] = [
  ['shared does not import functions', /^shared\//, /^functions\//],
  ['the domain does not import HTTP', /^shared\/domain\//, /^shared\/http\//],
  ['HTTP does not import the domain', /^shared\/http\//, /^shared\/domain\//],
  ['Redis imports neither', /^shared\/redis\//, /^shared\/(http|domain)\//],
  ['deployed code does not import scripts', /./, /^scripts\//],
  ['deployed code does not import the client', /./, /^shared\/client\.ts$/],
];

const owners: readonly [what: string, text: RegExp, owner: RegExp][] = [
  ['process.env', /process\.env/, /^shared\/config\//],
  ['the Redis library', /from '@?redis/, /^shared\/redis\//],
  ['stdout and stderr', /console\.|process\.std(out|err)/, /^shared\/log\.ts$/],
  ['the framework', /@google-cloud\/functions-framework/, /^functions\/register\.ts$/],
  ['the status line', /writeHead\(|statusCode =/, /^shared\/http\/send\.ts$/],
  ['the tags of kept answers', /cacheTag\(/, /^shared\/domain\/tag-generation\.ts$/],
  ['Secret Manager', /@google-cloud\/secret-manager/, /^shared\/redis\//],
];

describe('the source tree', () => {
  it.each(forbidden)('keeps its import rule: %s', (_rule, from, to) => {
    const wrong = files
      .filter(({ file }) => from.test(file))
      .flatMap((source) => importsOf(source).map((target) => `${source.file} → ${target}`))
      .filter((arrow) => to.test(arrow.split(' → ')[1] ?? ''));
    expect(wrong).toEqual([]);
  });

  it('has no function that imports another', () => {
    const folder = (path: string) => /^functions\/([^/]+)\//.exec(path)?.[1];
    const wrong = files.flatMap((source) =>
      importsOf(source)
        .filter((target) => folder(source.file) && folder(target) && folder(source.file) !== folder(target))
        .map((target) => `${source.file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it.each(owners)('uses %s in one place only', (_what, text, owner) => {
    const elsewhere = files.filter((source) => text.test(source.text) && !owner.test(source.file));
    expect(elsewhere.map(({ file }) => file)).toEqual([]);
  });

  it('has one folder per function in the manifest', () => {
    const folders = globSync('functions/*/index.ts').map((file) => file.split('/')[1]);
    expect(folders.sort()).toEqual(manifest.map(({ name }) => name).sort());
  });

  it('has no two files of the same name', () => {
    const all = globSync('{functions,shared,scripts}/**/*.{ts,mjs}')
      .map((file) => basename(file))
      .filter((name) => name !== 'index.ts' && name !== 'index.test.ts');
    const twice = all.filter((name, at) => all.indexOf(name) !== at);
    expect(twice).toEqual([]);
  });

  it('has only commands directly in scripts', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const commands = Object.values<string>(scripts).join('\n');
    const loose = globSync('scripts/*.{ts,mjs}').filter(
      (file) => !file.endsWith('.test.ts') && !commands.includes(file),
    );
    expect(loose).toEqual([]);
  });

  it('does no I/O when the manifest is imported with an empty environment', () => {
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', "await import('./functions/manifest.ts')"], {
      env: {},
      encoding: 'utf8',
    });
    expect([run.status, run.stdout, run.stderr]).toEqual([0, '', '']);
  });

  it('has no file longer than 200 lines', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 201);
    expect(long.map(({ file }) => file)).toEqual([]);
  });
});

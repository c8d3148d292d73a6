import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Script } from 'node:vm';

/* The example beside this file is a function that works and is tested; a new function is its text under another name. */

const MANIFEST = 'functions/manifest.ts';
/** Google's account ids have at most 30 characters, three of which are taken. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST = 27;
/** First segments of paths that are served already, and the target of all functions. */
const TAKEN = ['api', 'health', 'ready', 'problems', 'users', 'openapi-json', 'manifest', 'architecture', 'index'];

const camelCase = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const filesOf = (name: string): readonly [source: string, file: string][] => [
  ['scripts/new/example-function.ts', `functions/${name}/index.ts`],
  ['scripts/new/example-function.test.ts', `functions/${name}/index.test.ts`],
  ['scripts/new/example-domain.ts', `shared/domain/${name}.ts`],
];

const biome = (input: string, ...args: readonly string[]): string =>
  execFileSync(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '--write', ...args], {
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
  });

/** The example's text for `name`, with its imports sorted and its lines broken as the checks expect. */
const textFor = (name: string, source: string, file: string): string => {
  const text = readFileSync(source, 'utf8')
    .replaceAll('newThings', camelCase(name))
    .replaceAll('new-things', name)
    .replaceAll('./example-function.ts', './index.ts')
    .replaceAll('./example-domain.ts', `../../shared/domain/${name}.ts`)
    .replaceAll("'../../shared/", file.startsWith('shared/') ? "'../" : "'../../shared/");
  return biome(text, `--stdin-file-path=${file}`);
};

const isIdentifier = (name: string): boolean => {
  try {
    return new Script(`'use strict'; const ${camelCase(name)} = 0;`) !== undefined;
  } catch {
    return false;
  }
};

/** @throws Error when no function can have this name */
export const checkName = (name: string): void => {
  const refuse = (why: string): never => {
    throw new Error(`"${name}" cannot be a function's name: ${why}`);
  };
  if (!NAME.test(name)) refuse('use lowercase letters, digits and single hyphens, such as short-links');
  if (name.length > LONGEST) refuse(`it may have at most ${LONGEST} characters`);
  if (!isIdentifier(name)) refuse('JavaScript has that word for itself');
  const own = filesOf(name).map(([source]) => readFileSync(source, 'utf8'));
  const words = new Set(own.join('\n').match(/[A-Za-z]+/g));
  if (TAKEN.includes(name) || words.has(camelCase(name))) refuse('the project has that word for something else');
  const files = globSync(['functions/**/*', 'shared/**/*', 'scripts/**/*']).map((file) => basename(file));
  if (files.some((file) => file === name || file === `${name}.ts`)) refuse('there is a file or folder of that name');
};

/** Changes the manifest, and all that is made from it. */
const changeManifest = (change: (text: string) => string): void => {
  const changed = change(readFileSync(MANIFEST, 'utf8'));
  writeFileSync(MANIFEST, biome(changed, `--stdin-file-path=${MANIFEST}`));
  execFileSync(process.execPath, ['scripts/generate.ts']);
};

const importOf = (name: string): string => `import { ${camelCase(name)} } from './${name}/index.ts';\n`;

/** Makes a function that keeps something in Redis, with its test and its line in the manifest. @returns its files */
export const addFunction = (name: string): readonly string[] => {
  checkName(name);
  const files = filesOf(name);
  for (const [source, file] of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, textFor(name, source, file));
  }
  changeManifest((text) => importOf(name) + text.replace(/,?\s*\];/, `, ${camelCase(name)}];`));
  return files.map(([, file]) => file);
};

/**
 * Takes a function away: its folder, its domain file and its line in the manifest.
 * @throws Error when there is none, or when it has changes that Git could not bring back
 */
export const removeFunction = (name: string): void => {
  const folder = `functions/${name}`;
  const domain = `shared/domain/${name}.ts`;
  if (!NAME.test(name) || !existsSync(`${folder}/index.ts`)) throw new Error(`There is no function "${name}"`);
  const status = execFileSync('git', ['status', '--porcelain', '-uall', '--', folder, domain], { encoding: 'utf8' });
  const uncommitted = status.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(3)]));
  const made = new Map(filesOf(name).map(([source, file]) => [file, source]));
  const lost = uncommitted.find((file) => {
    const source = made.get(file);
    return source === undefined || readFileSync(file, 'utf8') !== textFor(name, source, file);
  });
  if (lost !== undefined) throw new Error(`Commit ${lost} first, or delete it: its changes would be lost`);
  rmSync(folder, { recursive: true });
  rmSync(domain, { force: true });
  changeManifest((text) =>
    text.replace(importOf(name), '').replace(new RegExp(`(?<=[[,])\\s*${camelCase(name)}(,|(?=\\s*\\]))`), ''),
  );
};

import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Script } from 'node:vm';

/* A new function is a copy of the tested example in this folder under another name. */

const MANIFEST = 'functions/manifest.ts';
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Google's account ids have at most 30 characters, and the prefix takes three. */
const LONGEST = 27;
/** The target for all functions, and the first segments of paths that are already served. */
const TAKEN = ['api', 'health', 'ready', 'problems', 'users', 'openapi-json', 'manifest', 'architecture', 'index'];

const camelCase = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const filesOf = (name: string): readonly [source: string, file: string][] => [
  ['scripts/new/example-function.ts', `functions/${name}/index.ts`],
  ['scripts/new/example-function.test.ts', `functions/${name}/index.test.ts`],
  ['scripts/new/example-domain.ts', `shared/domain/${name}.ts`],
];

/** Formats the text of a file and sorts its imports. */
const format = (input: string, file: string): string => {
  const command = ['node_modules/@biomejs/biome/bin/biome', 'check', '--write', `--stdin-file-path=${file}`];
  return execFileSync(process.execPath, command, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] });
};

/** The text of an example file under another name. */
const textFor = (name: string, source: string, file: string): string => {
  const text = readFileSync(source, 'utf8')
    .replaceAll('newThings', camelCase(name))
    .replaceAll('new-things', name)
    .replaceAll('./example-function.ts', './index.ts')
    .replaceAll('./example-domain.ts', `../../shared/domain/${name}.ts`)
    .replaceAll("'../../shared/", file.startsWith('shared/') ? "'../" : "'../../shared/");
  return format(text, file);
};

/** @throws Error if no function can have this name */
export const checkName = (name: string): void => {
  const refuse = (why: string): never => {
    throw new Error(`"${name}" cannot be the name of a function: ${why}`);
  };
  if (!NAME.test(name)) refuse('use lowercase letters, digits and single hyphens, such as short-links');
  if (name.length > LONGEST) refuse(`it must have at most ${LONGEST} characters`);
  const identifier = camelCase(name);
  try {
    void new Script(`'use strict'; const ${identifier} = 0;`);
  } catch {
    refuse('it is a reserved word in JavaScript');
  }
  const example = filesOf(name).map(([source]) => readFileSync(source, 'utf8'));
  const words = new Set(example.join('\n').match(/[A-Za-z]+/g));
  if (TAKEN.includes(name) || words.has(identifier)) refuse('the project uses this name for something else');
  const files = globSync('{functions,shared,scripts}/**/*').map((file) => basename(file));
  if (files.includes(name) || files.includes(`${name}.ts`)) refuse('a file or folder with this name exists');
};

/** Changes the manifest and regenerates what is made from it. */
const changeManifest = (change: (text: string) => string): void => {
  writeFileSync(MANIFEST, format(change(readFileSync(MANIFEST, 'utf8')), MANIFEST));
  execFileSync(process.execPath, ['scripts/generate.ts']);
};

const importOf = (name: string): string => `import { ${camelCase(name)} } from './${name}/index.ts';\n`;

/** Creates a function that uses Redis, with its test and its line in the manifest. @returns its files */
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
 * Removes a function: its folder, its domain file and its line in the manifest.
 * @throws Error if there is no such function, or if it has changes that Git could not restore
 */
export const removeFunction = (name: string): void => {
  const folder = `functions/${name}`;
  const domain = `shared/domain/${name}.ts`;
  if (!NAME.test(name) || !existsSync(`${folder}/index.ts`)) throw new Error(`There is no function "${name}"`);
  const status = execFileSync('git', ['status', '--porcelain', '-uall', '--', folder, domain], { encoding: 'utf8' });
  const sources = new Map(filesOf(name).map(([source, file]) => [file, source]));
  for (const line of status.split('\n').filter(Boolean)) {
    const file = line.slice(3);
    const source = sources.get(file);
    if (source !== undefined && readFileSync(file, 'utf8') === textFor(name, source, file)) continue;
    throw new Error(`Commit or delete ${file} first: its changes would be lost`);
  }
  rmSync(folder, { recursive: true });
  rmSync(domain, { force: true });
  changeManifest((text) =>
    text.replace(importOf(name), '').replace(new RegExp(`(?<=[[,])\\s*${camelCase(name)}(,|(?=\\s*\\]))`), ''),
  );
};

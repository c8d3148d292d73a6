import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { manifest } from '../functions/manifest.ts';
import type { Target } from './smoke/call.ts';
import { runSmoke } from './smoke/run-checks.ts';

const USAGE = `npm run smoke -- URL [--token=IDENTITY_TOKEN] [--without-feed]
  tries an installation that serves all functions at one URL
npm run smoke -- --targets=FILE [--without-feed]
  tries functions at URLs of their own; a line of FILE is NAME URL, or NAME URL IDENTITY_TOKEN`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { targets: { type: 'string' }, token: { type: 'string' }, 'without-feed': { type: 'boolean' } },
});

const readTargets = (file: string): [string, Target][] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', url = '', token] = line.trim().split(/\s+/);
      if (!URL.canParse(url)) throw new Error(`${file}: "${name}" has no URL`);
      return [name, { url, token }];
    });

const [url] = positionals;

const targets = (): [string, Target][] => {
  if (values.targets !== undefined) return readTargets(values.targets);
  if (url === undefined || !URL.canParse(url)) throw new Error(USAGE);
  return manifest.map(({ name }) => [name, { url, token: values.token }]);
};

try {
  const functions = new Map(targets());
  const failed = await runSmoke({ functions, hasNoFeed: values['without-feed'] ?? false }, console.log);
  if (failed > 0) throw new Error(`${failed} failed`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { listArguments, tokenArguments, trafficArguments } from './move-traffic.ts';
import { expectedOutputs, infrastructure, release } from './plan.ts';

/** The first gcloud release whose `run deploy` has --min and --max outside beta; infra/README.md names it. */
const OLDEST = 540;

const location = { project: 'demo-project', region: 'europe-west1' };
const flags = ['--project=demo-project', '--region=europe-west1'];

const build = z
  .object({
    steps: z.array(z.object({ entrypoint: z.string().optional(), args: z.array(z.string()).default([]) })),
    substitutions: z.record(z.string(), z.string()),
  })
  .parse(parse(readFileSync('cloudbuild.yaml', 'utf8')));

const values: Readonly<Record<string, string>> = {
  ...build.substitutions,
  PROJECT_ID: 'demo-project',
  _BUILDER: 'b@x',
};
const substitute = (text: string) => text.replace(/\$(\w+)/g, (_, name: string) => values[name] ?? '');

const ofCloudBuild = build.steps
  .filter(({ entrypoint }) => entrypoint === 'gcloud')
  .map(({ args: [run = '', deploy = '', name = '', ...rest] }) =>
    // The parser takes half a second per line, so lines that differ only in the function's name become one.
    ['gcloud', run, deploy, 'items', ...rest.map(substitute)].join(' ').replaceAll(name, 'items'),
  );

const service = {
  name: 'items',
  url: 'https://items.example',
  isPrivate: true,
  serving: { 'items-1': 100 },
  candidate: { revision: 'items-2', url: 'https://candidate---items.example' },
};
const ofRelease = [
  listArguments(flags),
  tokenArguments(service.url),
  trafficArguments(service, service.serving, flags),
].map((words) => ['gcloud', ...words].join(' '));

const ofPlan = [...infrastructure(location), release(location, expectedOutputs(location))]
  .filter(({ command: [program] }) => program === 'gcloud')
  .map(({ command }) => command.join(' '));

/** Commands in code blocks, and inline code with a flag. Words in capitals are placeholders. A comment ends a line. */
const inText = (file: string): string[] => {
  const text = readFileSync(file, 'utf8').replaceAll('\\\n', ' ');
  const code = [...text.matchAll(/```sh\n(.*?)```|`(gcloud [^`]* --[^`]+)`/gs)].map(([, block, line]) => block ?? line);
  return code
    .flatMap((block = '') => [...block.matchAll(/\bgcloud [^\n#&|;)`]+/g)])
    .map(([line]) => line.trim().replaceAll(/\$?\{?\b[A-Z][A-Z_]+\b\}?|\$\{?\w+\}?/g, 'demo-project'));
};
const documented = globSync(['*.md', '{infra,scripts,shared,functions}/**/*.md']).flatMap(inText);

const lines = [...new Set([...ofCloudBuild, ...ofRelease, ...ofPlan, ...documented])];

const answers = z.array(
  z.object({ command_string: z.string(), success: z.boolean(), error_message: z.string().nullish() }),
);

/** The lines that this machine's gcloud refuses. Parsing needs no account and no network. */
const refusals = (commands: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'gcloud-'));
  try {
    const file = join(folder, 'commands.json');
    writeFileSync(file, JSON.stringify(commands.map((line) => ({ command_string: line }))));
    const lint = ['meta', 'lint-gcloud-commands', `--commands-file=${file}`];
    const { stdout } = spawnSync('gcloud', lint, {
      encoding: 'utf8',
      env: { ...process.env, CLOUDSDK_CONFIG: folder },
      maxBuffer: 1 << 28,
    });
    const read = answers.parse(JSON.parse(stdout));
    expect(read).toHaveLength(commands.length);
    return read.filter(({ success }) => !success);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const { stdout: version } = spawnSync('gcloud', ['--version'], { encoding: 'utf8' });
const isInstalled = version !== null;
const isOld = Number(/Google Cloud SDK (\d+)/.exec(version ?? '')?.[1]) < OLDEST;
if (!isInstalled) console.warn('gcloud is not installed, so the gcloud commands of this project were not checked.');

describe('every gcloud command in this project', () => {
  it('names the project', () => {
    const about = lines.filter((line) => !/^gcloud (auth|version|components)\b/.test(line));
    expect(about.filter((line) => !/ --project[= ]/.test(line))).toEqual([]);
  });

  it.skipIf(!isInstalled)('is accepted by the parser of the installed gcloud, which refuses unknown flags', () => {
    const known = lines.map((line) => (isOld ? line.replace(/^gcloud run deploy/, 'gcloud beta run deploy') : line));
    const wrong = 'gcloud run services list --no-such-flag=1 --project=demo-project';
    expect(refusals([...known, wrong]).map((answer) => answer.command_string)).toEqual([wrong]);
  });
});

import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let project: string;

const write = async (path: string, text: string): Promise<void> => {
  const whole = join(project, path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, text);
  await chmod(whole, 0o755);
};

const lock = (...packages: readonly (readonly [string, object])[]) =>
  JSON.stringify({ packages: { '': { version: '1.0.0' }, ...Object.fromEntries(packages) } });

const ZOD = ['node_modules/zod', { version: '4.6.7', integrity: 'sha512-a' }] as const;
const NEWER = ['node_modules/zod', { version: '4.6.8', integrity: 'sha512-b' }] as const;
const FORGED = ['node_modules/zod', { version: '4.6.7', integrity: 'sha512-c' }] as const;
const FOR_WINDOWS = ['node_modules/win', { version: '1.0.0', optional: true }] as const;

/** Runs this project's script in the test's project, with an npm that records its arguments. */
const install = async (npm = 'exit 0') => {
  await write('bin/npm', `#!/bin/sh\necho "$*" >> ${join(project, 'asked')}\n${npm}\n`);
  const run = spawnSync(process.execPath, [join(project, 'scripts', 'install.mjs')], {
    env: { PATH: `${join(project, 'node_modules', '.bin')}:${join(project, 'bin')}:/usr/bin:/bin` },
    encoding: 'utf8',
  });
  const asked = await readFile(join(project, 'asked'), 'utf8').catch(() => '');
  return {
    status: run.status,
    stdout: run.stdout,
    stderr: run.stderr,
    asked: asked.trim().split('\n').filter(Boolean),
  };
};

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'install-'));
  await mkdir(join(project, 'scripts'));
  await copyFile('scripts/install.mjs', join(project, 'scripts', 'install.mjs'));
  await write('package-lock.json', lock(ZOD, FOR_WINDOWS));
  await write('node_modules/.package-lock.json', lock(ZOD));
  await write('node_modules/node/bin/node', '');
});
afterEach(() => rm(project, { recursive: true, force: true }));

describe('the installation before each command', () => {
  it('does and prints nothing when everything is installed, apart from packages for other platforms', async () => {
    expect(await install()).toEqual({ status: 0, stdout: '', stderr: '', asked: [] });
  });

  it.each([
    ['a package is locked to another version', lock(NEWER)],
    ['a package is locked to other content', lock(FORGED)],
    ['a package is missing', lock(ZOD, ['node_modules/more', { version: '1.0.0' }])],
  ])('installs what is locked when %s', async (_why, text) => {
    await write('package-lock.json', text);
    const { status, asked } = await install();
    expect([status, asked.at(-1)]).toEqual([0, expect.stringMatching(/^ci --include=dev --no-audit/)]);
  });

  it('installs in a fresh clone', async () => {
    await rm(join(project, 'node_modules'), { recursive: true });
    const { status, asked } = await install('mkdir -p node_modules/node/bin && touch node_modules/node/bin/node');
    expect([status, asked.map((line) => line.split(' ')[0])]).toEqual([0, ['view', 'ci']]);
  });

  it("uses the machine's npm, not one that the installation would remove", async () => {
    await write('package-lock.json', lock(NEWER));
    await write('node_modules/.bin/npm', '#!/bin/sh\nexit 1\n');
    expect((await install()).status).toBe(0);
  });

  it('downloads the pinned Node when install scripts are turned off', async () => {
    await rm(join(project, 'node_modules', 'node', 'bin'), { recursive: true });
    const { status, asked } = await install('mkdir -p node_modules/node/bin && touch node_modules/node/bin/node');
    expect([status, asked]).toEqual([0, [expect.stringMatching(/^rebuild node --ignore-scripts=false /)]]);
  });

  it("installs from npm's cache when the registry does not respond", async () => {
    await write('package-lock.json', lock(NEWER));
    const { status, asked } = await install('test "$1" != view');
    expect([status, asked.at(-1)]).toEqual([0, expect.stringMatching(/^ci --include=dev --offline /)]);
  });

  it('prints one line and stops when there is no network', async () => {
    await write('package-lock.json', lock(NEWER));
    const { status, stderr } = await install('exit 1');
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^The packages cannot be installed: the registry .*\n$/),
    ]);
  });

  it('prints one line and stops when npm fails', async () => {
    await write('package-lock.json', lock(NEWER));
    const { status, stderr } = await install('test "$1" != ci');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^npm ci failed; .*\n$/)]);
  });
});

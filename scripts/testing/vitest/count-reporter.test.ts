import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const FOLDER = join('scripts', 'testing', 'vitest', 'made-by-a-test');

afterEach(() => rmSync(FOLDER, { recursive: true, force: true }));

/** Runs these test files as `npm test` does. @returns the last line of output, and the exit status */
const run = (files: Readonly<Record<string, string>>) => {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(FOLDER, name), `import { afterAll, describe, expect, it } from 'vitest';\n${text}\n`);
  }
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--maxWorkers=1', FOLDER];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, VITEST: '' },
  });
  return [stdout.trimEnd().split('\n').at(-1), status];
};

const KEYS = `import { redis } from '../../../../shared/redis/index.ts';
  it('walks', () => redis((client) => client.eval("redis.pcall('KEYS', '*') return 1", { keys: [], arguments: [] })));`;

describe('the last line of a test run', () => {
  it('counts passed and skipped tests', () => {
    expect(run({ 'a.test.ts': "it('a', () => {}); it.skip('b', () => {});" })).toEqual([
      '1 passed, 0 failed, 1 skipped',
      0,
    ]);
  });

  it('counts a failed test, a file that does not load and a hook that throws as failures', () => {
    const outcome = run({
      'a.test.ts': "it('a', () => { expect(1).toBe(2); });",
      'b.test.ts': "import './nothing.ts';",
      'c.test.ts': "describe('c', () => { afterAll(() => { throw new Error('no'); }); it('d', () => {}); });",
    });
    expect(outcome).toEqual(['1 passed, 3 failed', 1]);
  });

  it('counts a command that Memorystore would refuse as a failure, even if its test passed', () => {
    expect(run({ 'a.test.ts': KEYS })).toEqual(['1 passed, 1 failed', 1]);
  });

  it('fails when there are no tests', () => {
    expect(run({})).toEqual(['0 passed, 1 failed', 1]);
  });
});

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
const commands = [
  ...new Set(Object.values<string>(scripts).flatMap((line) => line.match(/^node scripts\/\w+\.ts$/) ?? [])),
];

const run = async (command: string, ...args: readonly string[]) => {
  const [, file = ''] = command.split(' ');
  return promisify(execFile)(process.execPath, [file, ...args]);
};

describe('every command', { timeout: 60_000 }, () => {
  it.each(commands)('prints its usage with --help and does nothing else: %s', async (command) => {
    const { stdout, stderr } = await run(command, '--help');
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^npm (run \w+|start)\b/), '']);
  });

  it('rejects an unknown option by name and prints its usage', async () => {
    await expect(run('node scripts/generate.ts', '--chekc')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Unknown option '--chekc'.*\n\nnpm run generate -- /),
    });
  });

  it('rejects an invalid value, names its option and prints its usage', async () => {
    await expect(run('node scripts/cost.ts', '--domain', '--shards=many')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/expected number.*\n.*at shards\n\nnpm run cost -- /),
    });
  });
});

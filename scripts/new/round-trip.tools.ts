import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyProject } from '../testing/project-copy.ts';

describe('npm run new', () => {
  let copy: string;
  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: copy, encoding: 'utf8' });
  const make = (...args: readonly string[]) => run('scripts/new.ts', 'test-made-things', ...args);

  beforeAll(() => {
    copy = copyProject().folder;
    writeFileSync(join(copy, '.git-exclude'), 'node_modules\n.git-exclude\n');
    git('init', '--quiet');
    git('config', 'core.excludesFile', '.git-exclude');
    git('add', '.');
    git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message=all');
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('creates a function that passes format, lint, types and its own test, and removes it with --remove', () => {
    expect(make()).toMatchObject({ status: 0 });
    const files = ['functions/test-made-things', 'shared/domain/test-made-things.ts', 'functions/manifest.ts'];
    expect(run('node_modules/.bin/biome', 'check', '--error-on-warnings', ...files)).toMatchObject({ status: 0 });
    expect(run('node_modules/typescript/bin/tsc', '--singleThreaded')).toEqual({ status: 0, said: '' });
    expect(run('scripts/generate.ts', '--check')).toMatchObject({ status: 0 });
    expect(readFileSync(join(copy, 'README.md'), 'utf8')).toContain('PUT /test-made-things/{name}');
    const tests = ['functions/test-made-things', 'functions/preconditions.test.ts'];
    expect(run('node_modules/vitest/vitest.mjs', 'run', ...tests)).toMatchObject({ status: 0 });
    expect(make('--remove')).toMatchObject({ status: 0 });
    expect(git('status', '--porcelain')).toBe('');
  });

  it('does not remove anything that Git could not restore', () => {
    make();
    writeFileSync(join(copy, 'functions/test-made-things/notes.md'), 'mine');
    expect(make('--remove').said).toBe(
      'Commit or delete functions/test-made-things/notes.md first: its changes would be lost\n',
    );
    expect(git('status', '--porcelain')).toContain('functions/test-made-things/');
  });
});

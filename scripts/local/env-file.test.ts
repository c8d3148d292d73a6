import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'env-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each(['doctor', 'seed'])('npm run %s reads the settings of .env', (command) => {
  const ENV_FILE = join(folder, '.env');
  writeFileSync(ENV_FILE, 'SUMMARY_TTL_SECONDS=soon\n');
  const { stdout, stderr } = spawnSync(process.execPath, [`scripts/${command}.ts`], {
    encoding: 'utf8',
    env: { ...process.env, ENV_FILE },
  });
  expect(stdout + stderr).toContain('SUMMARY_TTL_SECONDS is "soon"');
});

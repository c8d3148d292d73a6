import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NOT_COPIED = /^(\.git|\.cache|\.env|dist|node_modules)$/;

/** The project's files in a folder of their own, for tests that change them: other tests read the real ones at the same time. */
export const copyProject = () => {
  const folder = mkdtempSync(join(tmpdir(), 'project-copy-'));
  for (const file of readdirSync('.')) {
    if (!NOT_COPIED.test(file)) cpSync(file, join(folder, file), { recursive: true });
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

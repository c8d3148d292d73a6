import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NOT_COPIED = /^(\.git|\.cache|\.env|dist|node_modules)$/;

/** Copies the project to a temporary folder, for tests that change its files while other tests read the originals. */
export const copyProject = () => {
  const folder = mkdtempSync(join(tmpdir(), 'project-copy-'));
  cpSync('.', folder, { recursive: true, filter: (file) => !NOT_COPIED.test(file) });
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

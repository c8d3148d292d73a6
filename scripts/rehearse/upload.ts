import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/**
 * The files that gcloud uploads from `folder`, by .gcloudignore or the file given with --ignore-file. Its rules are
 * those of .gitignore, so Git itself applies them, from an empty repository to which every file is new.
 */
export const filesToUpload = (folder: string, ignoreFile = '.gcloudignore'): string[] => {
  const repository = mkdtempSync(join(tmpdir(), 'rehearse-git-'));
  try {
    execFileSync('git', ['init', '--quiet', '--bare', repository]);
    const list = ['ls-files', '-z', '--others', `--exclude-from=${resolve(folder, ignoreFile)}`];
    const git = [`--git-dir=${repository}`, `--work-tree=${resolve(folder)}`];
    const printed = execFileSync('git', [...git, ...list], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
    return printed.split('\0').filter((file) => file !== '');
  } finally {
    rmSync(repository, { recursive: true, force: true });
  }
};

/** Copies what would be uploaded into `target`. @returns how many files, and their bytes */
export const copyUpload = (folder: string, target: string, ignoreFile?: string): { files: number; bytes: number } => {
  const files = filesToUpload(folder, ignoreFile);
  for (const file of files) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(folder, file), join(target, file));
  }
  return { files: files.length, bytes: files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0) };
};

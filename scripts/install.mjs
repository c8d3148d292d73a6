// Installs what package-lock.json says, when it is not what is installed. Runs before every command, on any Node from
// 18 on and with nothing installed yet: so it is plain JavaScript without a dependency.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const packagesOf = (file) => {
  try {
    const { packages } = JSON.parse(readFileSync(join(root, file), 'utf8'));
    return packages;
  } catch {
    return undefined;
  }
};

/** What is locked for this platform and not there in that version. Optional packages are for other platforms. */
const isComplete = () => {
  const locked = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (locked === undefined || installed === undefined) return false;
  return Object.entries(locked).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
};

if (!isComplete()) {
  process.stdout.write('Installing the packages of package-lock.json; this happens once.\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['ci', ...quiet], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    process.stderr.write('npm ci failed; see above. Is the registry in reach?\n');
    process.exit(1);
  }
}

// Installs what package-lock.json says, when it is not what is installed. Runs before every command, on any Node from
// 18 on and with nothing installed yet: so it is plain JavaScript without a dependency.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const ownNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

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
    ([path, { version, integrity, optional }]) =>
      path === '' || optional || (installed[path]?.version === version && installed[path].integrity === integrity),
  );
};

const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

/** The machine's own npm and Node: those of node_modules are taken away in the course of an installation. */
const environment = () => {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(join(root, 'node_modules')));
  return { ...process.env, PATH: path.join(delimiter) };
};

const npm = (...args) =>
  spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: environment(),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  }).status === 0;

if (!isComplete()) {
  process.stdout.write('Installing the packages of package-lock.json; this happens once.\n');
  // NODE_ENV=production would leave out what the commands are made of.
  if (!npm('ci', '--include=dev')) fail('npm ci failed; see above. Is the registry in reach?');
}

// An npm that runs no install scripts leaves the pinned Node without its binary.
if (!existsSync(ownNode) && !(npm('rebuild', 'node', '--ignore-scripts=false') && existsSync(ownNode))) {
  fail("The project's own Node could not be installed; `npm rebuild node --ignore-scripts=false` says why.");
}

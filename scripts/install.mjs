// Installs what package-lock.json says, when it is not what is installed. Runs before every command, on any Node from
// 18 on and with nothing installed yet: so it is plain JavaScript without a dependency.
import { spawn } from 'node:child_process';
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

// The dots show progress; npm's spinner would write over them.
const QUIET = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];

const npm = (args, stdio = 'inherit') => {
  const options = { cwd: root, env: environment(), stdio, shell: process.platform === 'win32' };
  return spawn('npm', [...args, ...QUIET], options);
};

/** Whether it ended well. A dot each second shows on a terminal that something goes on. */
const succeeds = async (child) => {
  const timer = process.stdout.isTTY ? setInterval(() => process.stdout.write('.'), 1_000) : undefined;
  const status = await new Promise((resolve) => child.once('error', () => resolve(1)).once('close', resolve));
  clearInterval(timer);
  if (timer !== undefined) process.stdout.write('\n');
  return status === 0;
};

/** npm itself tries for minutes before it gives up. */
const PATIENCE_MS = 8_000;
const isRegistryInReach = async () => {
  const child = npm(['view', 'zod', 'version', '--fetch-retries=0', `--fetch-timeout=${PATIENCE_MS}`], 'ignore');
  const timer = setTimeout(() => child.kill(), PATIENCE_MS + 2_000);
  const isThere = await new Promise((resolve) =>
    child.once('error', () => resolve(false)).once('close', (status) => resolve(status === 0)),
  );
  clearTimeout(timer);
  return isThere;
};

if (!isComplete()) {
  const count = Object.keys(packagesOf('package-lock.json') ?? {}).length;
  process.stdout.write(`Installing ${count} packages of package-lock.json; this happens once.\n`);
  const offline = (await isRegistryInReach()) ? [] : ['--offline'];
  // NODE_ENV=production would leave out what the commands are made of.
  if (!(await succeeds(npm(['ci', '--include=dev', ...offline])))) {
    fail(
      offline.length === 0
        ? 'npm ci failed; see above.'
        : 'The packages cannot be installed: the registry does not answer, and npm has not kept them. Is there a network? `npm ping` tries it.',
    );
  }
}

// An npm that runs no install scripts leaves the pinned Node without its binary.
if (
  !existsSync(ownNode) &&
  !((await succeeds(npm(['rebuild', 'node', '--ignore-scripts=false']))) && existsSync(ownNode))
) {
  fail("The project's own Node could not be installed; `npm rebuild node --ignore-scripts=false` says why.");
}

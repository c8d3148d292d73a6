// Installs what package-lock.json lists if it is not installed yet. It runs before every command, on Node 18 or later and
// before anything is installed, so it is plain JavaScript without dependencies.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const isWindows = process.platform === 'win32';
const ownNode = join(root, 'node_modules', 'node', 'bin', isWindows ? 'node.exe' : 'node');

const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
};
const locked = packagesOf('package-lock.json');

/** Optional packages do not count: most of them are for other platforms. */
const isComplete = () => {
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

// The machine's own npm and Node: an installation replaces those in node_modules.
const PATH = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.startsWith(join(root, 'node_modules')))
  .join(delimiter);
// The dots below show progress, and npm's spinner would overwrite them.
const QUIET = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];

/** @returns whether npm succeeded within this time */
const npm = (args, stdio, timeout) => {
  const options = { cwd: root, env: { ...process.env, PATH }, stdio, shell: isWindows, timeout };
  const child = spawn('npm', [...args, ...QUIET], options);
  return new Promise((resolve) =>
    child.once('error', () => resolve(false)).once('close', (code) => resolve(code === 0)),
  );
};

/** Prints a dot each second on a terminal, to show that npm is busy. */
const npmWithDots = async (...args) => {
  const timer = process.stdout.isTTY ? setInterval(() => process.stdout.write('.'), 1_000) : undefined;
  const succeeded = await npm(args, 'inherit');
  clearInterval(timer);
  if (timer !== undefined) process.stdout.write('\n');
  return succeeded;
};

if (!isComplete()) {
  process.stdout.write(
    `Installing the ${Object.keys(locked ?? {}).length} packages in package-lock.json. This happens once.\n`,
  );
  // By itself, npm retries for minutes before it gives up on the registry.
  const probe = ['view', 'zod', 'version', '--fetch-retries=0', '--fetch-timeout=8000'];
  const offline = (await npm(probe, 'ignore', 10_000)) ? [] : ['--offline'];
  // Without `--include=dev`, NODE_ENV=production would leave out the packages that the commands need.
  if (!(await npmWithDots('ci', '--include=dev', ...offline))) {
    fail(
      offline.length === 0
        ? 'npm ci failed; see above.'
        : "The packages cannot be installed: the registry does not respond, and they are not in npm's cache. Check the network with `npm ping`.",
    );
  }
}

// If npm is set not to run install scripts, the pinned Node has no binary yet.
if (!existsSync(ownNode)) {
  await npmWithDots('rebuild', 'node', '--ignore-scripts=false');
  if (!existsSync(ownNode)) {
    fail("The project's own Node could not be installed. Run `npm rebuild node --ignore-scripts=false` to see why.");
  }
}

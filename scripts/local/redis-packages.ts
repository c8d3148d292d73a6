import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A machine that cannot reach the package servers should fail fast. */
const FAIL_FAST = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=10', '-o', 'Acquire::https::Timeout=10'];

/** Which of these a system has depends on its release. */
const SERVERS = ['redis', 'valkey'];

/** Every system has these, and a second copy beside the system's own loader breaks programs. */
const NEVER = /^(libc6|libgcc-s1|libcrypt1)$/;

/** What the server of Debian 12 needs, for a system where apt-get refuses to plan an installation. */
const USUAL_LIBRARIES = ['libjemalloc2', 'liblzf1', 'libatomic1'];

/** The shared libraries that installing `packages` would add. */
const missingLibraries = async (packages: readonly string[], options: readonly string[]): Promise<string[]> => {
  try {
    const plan = [...options, '--simulate', '--no-install-recommends', 'install', ...packages];
    const { stdout } = await run('apt-get', plan);
    const names = [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name);
    return names.filter((name) => /^(lib|lua)/.test(name) && !NEVER.test(name));
  } catch {
    return USUAL_LIBRARIES;
  }
};

/** Unpacks the packages of a server into `folder`/root. */
const download = async (folder: string, server: string, options: readonly string[]): Promise<void> => {
  const packages = [`${server}-server`, `${server}-tools`];
  const libraries = await missingLibraries(packages, options);
  await run('apt-get', [...options, 'download', ...packages, ...libraries], { cwd: folder });
  for (const file of await readdir(folder)) {
    if (!file.endsWith('.deb')) continue;
    await run('dpkg', ['-x', join(folder, file), join(folder, 'root')]);
    await rm(join(folder, file));
  }
};

/** Downloads fresh package lists, for a system whose own are missing or out of date, such as a new container. */
const updateOwnLists = async (folder: string): Promise<string[]> => {
  const lists = join(folder, 'lists');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(folder, 'archives', 'partial'), { recursive: true });
  const options = [...FAIL_FAST, '-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${folder}`];
  await run('apt-get', [...options, 'update']);
  return options;
};

const fetchInto = async (folder: string): Promise<void> => {
  const failures: unknown[] = [];
  for (const choose of [() => FAIL_FAST, updateOwnLists]) {
    const options = await choose(folder);
    for (const server of SERVERS) {
      try {
        return await download(folder, server, options);
      } catch (error) {
        failures.push(error);
      }
    }
  }
  throw new AggregateError(failures);
};

const serverIn = (folder: string): string | undefined =>
  SERVERS.map((name) => join(folder, 'usr', 'bin', `${name}-server`)).find((path) => existsSync(path));

/** The folders below `root` that hold shared libraries. */
const librariesIn = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return [...new Set(entries.filter(({ name }) => /\.so(\.|$)/.test(name)).map(({ parentPath }) => parentPath))];
};

/** Removes the server that `fetchServer` cached. */
export const removeServer = (cache: string): Promise<void> =>
  rm(join(cache, 'redis'), { recursive: true, force: true });

/**
 * A Redis server from the system's own packages (Debian, Ubuntu), unpacked without root and cached in `cache`.
 * @throws if there is no apt-get, or no package can be downloaded
 */
export const fetchServer = async (cache: string): Promise<{ path: string; libraries: readonly string[] }> => {
  const kept = join(cache, 'redis');
  if (serverIn(kept) === undefined) {
    await mkdir(cache, { recursive: true });
    const folder = await mkdtemp(join(cache, 'fetch-'));
    try {
      await fetchInto(folder);
      await rm(kept, { recursive: true, force: true });
      // Another command may have put the same server there first.
      await rename(join(folder, 'root'), kept).catch(() => {});
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const path = serverIn(kept);
  if (path === undefined) throw new Error('The packages contain no server.');
  return { path, libraries: await librariesIn(kept) };
};

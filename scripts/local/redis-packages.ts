import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A machine without a way to the packages should hear so soon. */
const PATIENCE = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=10', '-o', 'Acquire::https::Timeout=10'];

/** Servers, and the packages of each. Which of them there are differs by release. */
const SERVERS = {
  'redis-server': ['redis-server', 'redis-tools'],
  'valkey-server': ['valkey-server', 'valkey-tools'],
};

/** Never taken: every system has these, and a second copy beside the system's own loader breaks programs. */
const NEVER = /^(libc6|libgcc-s1|libcrypt1)$/;

/** What Debian 12's server needs: for a system whose packages are in a state that apt-get refuses to plan with. */
const USUAL_LIBRARIES = ['libjemalloc2', 'liblzf1', 'libatomic1'];

/** The shared libraries that an installation of `packages` would bring with it. */
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

const download = async (folder: string, packages: readonly string[], options: readonly string[]): Promise<void> => {
  const names = [...packages, ...(await missingLibraries(packages, options))];
  await run('apt-get', [...options, 'download', ...names], { cwd: folder });
  const files = (await readdir(folder)).filter((file) => file.endsWith('.deb'));
  for (const file of files) {
    await run('dpkg', ['-x', join(folder, file), join(folder, 'root')]);
    await rm(join(folder, file));
  }
};

/** Lists of packages of our own, for a system whose own are missing or out of date, as in a fresh container. */
const updateOwnLists = async (folder: string): Promise<string[]> => {
  const lists = join(folder, 'lists');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(folder, 'archives', 'partial'), { recursive: true });
  const options = [...PATIENCE, '-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${folder}`];
  await run('apt-get', [...options, 'update']);
  return options;
};

const fetchInto = async (folder: string): Promise<void> => {
  const failures: unknown[] = [];
  for (const choose of [() => PATIENCE, updateOwnLists]) {
    const options = await choose(folder);
    for (const packages of Object.values(SERVERS)) {
      try {
        return await download(folder, packages, options);
      } catch (error) {
        failures.push(error);
      }
    }
  }
  throw new AggregateError(failures);
};

const serverIn = (folder: string): string | undefined =>
  Object.keys(SERVERS)
    .map((name) => join(folder, 'usr', 'bin', name))
    .find((path) => existsSync(path));

/** The folders of `root` that hold shared libraries. */
const librariesIn = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return [...new Set(entries.filter((entry) => /\.so(\.|$)/.test(entry.name)).map((entry) => entry.parentPath))];
};

/** Removes what `fetchServer` kept. */
export const forgetServer = (cache: string): Promise<void> =>
  rm(join(cache, 'redis'), { recursive: true, force: true });

/**
 * A Redis server out of the system's own packages (Debian, Ubuntu), unpacked without root into `cache` and kept there.
 * @throws when there is no apt-get, or no package can be reached
 */
export const fetchServer = async (cache: string): Promise<{ path: string; libraries: readonly string[] }> => {
  const kept = join(cache, 'redis');
  if (serverIn(kept) === undefined) {
    await mkdir(cache, { recursive: true });
    const folder = await mkdtemp(join(cache, 'fetch-'));
    try {
      await fetchInto(folder);
      await rm(kept, { recursive: true, force: true });
      // Another command may have put the same thing there first.
      await rename(join(folder, 'root'), kept).catch(() => {});
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const path = serverIn(kept);
  if (path === undefined) throw new Error('the packages hold no server');
  return { path, libraries: await librariesIn(kept) };
};

import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Each line of tries: the packages that make one server, and the server's name. Debian and Ubuntu differ by release. */
const SERVERS = [
  { name: 'redis-server', packages: ['redis-server', 'redis-tools'] },
  { name: 'valkey-server', packages: ['valkey-server', 'valkey-tools'] },
] as const;

/** Replacing these under a running system's own loader breaks programs, and every system has them. */
const NEVER = /^(libc6|libc-bin|libgcc-s1|gcc-.*-base|libcrypt1)$/;

const isInstalled = async (name: string): Promise<boolean> => {
  try {
    const { stdout } = await run('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]);
    return stdout === 'installed';
  } catch {
    return false;
  }
};

/** The shared libraries that `packages` need and the system lacks. */
const missingLibraries = async (packages: readonly string[], options: readonly string[]): Promise<string[]> => {
  const only = ['--recurse', '--no-recommends', '--no-suggests', '--no-conflicts', '--no-breaks', '--no-replaces'];
  const { stdout } = await run('apt-cache', [...options, 'depends', ...only, '--no-enhances', ...packages]);
  const names = stdout.split('\n').filter((line) => /^(lib|lua)/.test(line) && !NEVER.test(line));
  const installed = await Promise.all(names.map(isInstalled));
  return names.filter((_, at) => !installed[at]);
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
  const options = ['-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${folder}`];
  await run('apt-get', [...options, 'update']);
  return options;
};

const fetchInto = async (folder: string): Promise<void> => {
  const failures: unknown[] = [];
  for (const prepare of [async () => [], () => updateOwnLists(folder)]) {
    const options = await prepare().catch((error: unknown) => void failures.push(error));
    for (const { packages } of options === undefined ? [] : SERVERS) {
      try {
        return await download(folder, packages, options ?? []);
      } catch (error) {
        failures.push(error);
      }
    }
  }
  throw new AggregateError(failures, 'the packages could not be fetched');
};

const serverIn = async (folder: string): Promise<string | undefined> => {
  for (const { name } of SERVERS) {
    const path = join(folder, 'usr', 'bin', name);
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
};

/** The folders of `root` that hold shared libraries. */
const librariesIn = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return [...new Set(entries.filter((entry) => /\.so(\.|$)/.test(entry.name)).map((entry) => entry.parentPath))];
};

/**
 * A Redis server out of the system's own packages (Debian, Ubuntu), unpacked without root into `cache` and kept there.
 * @throws when there is no apt-get, or no package can be reached
 */
export const fetchServer = async (cache: string): Promise<{ path: string; libraries: readonly string[] }> => {
  const kept = join(cache, 'redis');
  if ((await serverIn(kept)) === undefined) {
    await mkdir(cache, { recursive: true });
    const folder = await mkdtemp(join(cache, 'fetch-'));
    try {
      await fetchInto(folder);
      await rm(kept, { recursive: true, force: true });
      // Another command may have put the same thing there meanwhile.
      await rename(join(folder, 'root'), kept).catch(() => {});
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const path = await serverIn(kept);
  if (path === undefined) throw new Error('the packages hold no server');
  return { path, libraries: await librariesIn(kept) };
};

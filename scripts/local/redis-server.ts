import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRespClient } from '../testing/resp.ts';
import { freePort } from './free-port.ts';
import { isRunning, runAfterDeath } from './processes.ts';
import { findRedis, type RedisBinary } from './redis-binary.ts';
import { ADMIN, configure, ownCertificate, type Plan, type RedisOptions } from './redis-configuration.ts';

export type { RedisOptions } from './redis-configuration.ts';

/** What the server prints once it answers `LOADING`, and once it accepts commands. */
const STAGES = { loading: 'Server initialized', ready: 'Ready to accept connections' } as const;
type Stage = keyof typeof STAGES;

const OUTPUT_LIMIT = 64 * 1024;

/** Runs the server in its own process group, so Ctrl-C does not reach it, and waits until it gets to this stage. */
const launch = async (plan: Plan, binary: RedisBinary, until: Stage) => {
  const name = `throw-away-redis-${process.pid}-${plan.port}`;
  const text = await configure(plan, binary);
  const [command, ...args] = binary.command({ name, port: plan.port, dir: plan.dir });
  const child = spawn(command, args, { detached: true, env: { ...process.env, ...binary.env } });
  const ended = once(child, 'close');
  let printed = '';
  const ready = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed = (printed + chunk).slice(-OUTPUT_LIMIT);
      if (printed.includes(STAGES[until])) resolve();
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', read);
    ended.then(() => reject(new Error(`Redis did not start:\n${printed.trim()}`)), reject);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(text);
  const { pid = 0 } = child;
  const script = `kill -s KILL -- "-$1"; ${binary.end ?? ':'}; test -z "$3" || rm -rf -- "$3"`;
  const release = pid === 0 ? () => {} : runAfterDeath(script, String(pid), name, plan.isOwnDir ? plan.dir : '');
  const kill = async () => {
    release();
    child.ref();
    if (isRunning(child)) child.kill('SIGKILL');
    if (binary.end !== undefined) await promisify(execFile)('sh', ['-c', binary.end, 'sh', '', name]).catch(() => {});
    await ended;
  };
  await ready.catch(async (error) => {
    await kill().catch(() => {});
    throw error;
  });
  // From here on this process may exit while the server runs: `runAfterDeath` then ends the server.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
  return { child, pid, output: () => printed, kill };
};

const start = async (options: RedisOptions, binary: RedisBinary) => {
  const plan: Plan = {
    ...options,
    port: options.port ?? (await freePort()),
    // Restarts use the same certificate.
    tls: options.tls === true ? await ownCertificate() : options.tls,
    dir: options.dir ?? (await mkdtemp(join(tmpdir(), 'throw-away-redis-'))),
    isOwnDir: options.dir === undefined,
    adminPassword: options.adminPassword ?? randomBytes(16).toString('hex'),
  };
  const removeDir = async () => {
    if (plan.isOwnDir) await rm(plan.dir, { recursive: true, force: true });
  };
  let running = await launch(plan, binary, 'ready').catch(async (error) => {
    await removeDir();
    throw error;
  });
  const { port, password, adminPassword } = plan;
  const ca = plan.tls?.ca;
  const url = (credentials: string) => `${ca === undefined ? 'redis' : 'rediss'}://${credentials}127.0.0.1:${port}`;
  const adminUrl = url(`${ADMIN}:${adminPassword}@`);
  const client = createRespClient(adminUrl, ca);
  const kill = async () => {
    client.close();
    await running.kill();
  };
  return {
    /** For REDIS_URL. */
    url: url(password === undefined ? '' : `:${encodeURIComponent(password)}@`),
    /** The same server with all rights, for tests in other processes. */
    adminUrl,
    port,
    /** Of the current server process. With Docker, of the client that runs it. */
    get pid() {
      return running.pid;
    },
    /** The CA to trust (PEM) if the server uses TLS. */
    ca,
    /** Name, version and origin. */
    description: binary.description,
    /** Sends one command with all rights, even one that clients may not use. @throws ErrorReply */
    admin: client.send,
    /** The end of its output. */
    output: () => running.output(),
    isRunning: () => isRunning(running.child),
    signal: (name: NodeJS.Signals) => void running.child.kill(name),
    /** Kills it in any state and waits until it is gone. Its port and data folder stay for `restart`. */
    kill,
    /** Starts it again after `kill`, with extra lines of configuration, and waits until it gets to this stage. */
    restart: async (config?: RedisOptions['config'], until: Stage = 'ready'): Promise<void> => {
      running = await launch({ ...plan, config: { ...plan.config, ...config } }, binary, until);
    },
    /** Kills it and removes its temporary folder. */
    stop: async (): Promise<void> => {
      await kill();
      await removeDir();
    },
  };
};

export type RedisServer = Awaited<ReturnType<typeof start>>;

const ATTEMPTS = 5;

/**
 * Starts a throw-away Redis on 127.0.0.1, without persistence, where clients may do what Memorystore allows. It ends
 * with `stop()`, or with this process, even if that is killed.
 * @throws Error with the output of Redis if it does not start, or with what to do if no server can be found
 */
export const startRedis = async (options: RedisOptions = {}): Promise<RedisServer> => {
  const binary = await findRedis();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(options, binary);
    } catch (error) {
      // Another process may have taken the free port in the meantime.
      const isTaken = error instanceof Error && error.message.includes('already in use');
      if (!isTaken || options.port !== undefined || attempt === ATTEMPTS) throw error;
    }
  }
};

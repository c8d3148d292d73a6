import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../local/free-port.ts';
import { isRunning, programsOnPath } from '../local/processes.ts';
import { type RedisServer, startRedis } from '../local/redis-server.ts';

/** The measured server has the first core to itself; load, Redis and this script share the second. */
type Core = 0 | 1;

const canPin = availableParallelism() > 1 && programsOnPath(['taskset']).length > 0;
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;
const START_TIMEOUT_MS = 10_000;

const pinRunning = (core: Core, pid: number): void => {
  if (canPin) spawnSync('taskset', ['-acp', String(core), String(pid)]);
};

/** Keeps this process off the measured server's core. */
export const pinThisProcess = (): void => pinRunning(1, process.pid);

export const pinned = (core: Core, command: string, args: readonly string[]): [string, string[]] =>
  canPin ? ['taskset', ['-c', String(core), command, ...args]] : [command, [...args]];

/** The status of one GET; 0 while nothing listens. */
const statusOf = (url: string): Promise<number> =>
  new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    }).once('error', () => resolve(0));
  });

const kill = async (child: ChildProcess): Promise<void> => {
  if (!isRunning(child)) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

export interface ServerSpec {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The server is ready when this path answers 200. Without it, any answer to `/health` is enough. */
  readonly readyPath?: string;
}

/** Starts a Node server on the first core, with production settings, and waits until it is ready. */
export const startServer = async ({ args, env, readyPath }: ServerSpec) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const child = spawn(...pinned(0, process.execPath, args), {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: String(port), LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const isReady = (status: number) => status === 200 || (readyPath === undefined && status !== 0);
  while (!isReady(await statusOf(url + (readyPath ?? '/health')))) {
    if (!isRunning(child) || performance.now() - startedAt > START_TIMEOUT_MS) {
      await kill(child);
      throw new Error(`${args.join(' ')} did not start`);
    }
    await pause(1);
  }
  const readyMs = performance.now() - startedAt;
  const fields = (file: string) =>
    readFileSync(`/proc/${child.pid}/${file}`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return {
    url,
    /** From the spawn to the end of the first good answer. */
    readyMs,
    /** CPU time of the process since its start. */
    cpuSeconds: () => (Number(fields('stat')[11]) + Number(fields('stat')[12])) / TICKS_PER_SECOND,
    residentBytes: () => Number(fields('statm')[1]) * PAGE_BYTES,
    stop: () => kill(child),
  };
};

export type RunningServer = Awaited<ReturnType<typeof startServer>>;

/** A Redis on the second core that allows every command. */
export const startPinnedRedis = async (): Promise<RedisServer> => {
  const redis = await startRedis({ acl: '~* &* +@all', config: { databases: 64 } });
  pinRunning(1, redis.pid);
  return redis;
};

let databases = 0;

/** The URL of an unused logical database. There are 63 besides the default one. */
export const emptyDatabase = (redisUrl: string): string => {
  databases += 1;
  return `${redisUrl}/${databases}`;
};

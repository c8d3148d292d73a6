import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../local/free-port.ts';
import { isRunning } from '../local/processes.ts';
import { type RedisServer, startRedis } from '../local/redis-server.ts';

/** What is measured runs alone on the first core; load, Redis and this script share the second. */
type Core = 0 | 1;

const isPinned = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

export const hasCommand = (name: string): boolean => spawnSync(name, ['--version']).error === undefined;

/** Moves this process beside the load, so that it never runs where the measured one does. */
export const stepAside = (): void => {
  if (isPinned) spawnSync('taskset', ['-cp', '1', String(process.pid)]);
};

export const pinned = (core: Core, command: string, args: readonly string[]): [string, string[]] =>
  isPinned ? ['taskset', ['-c', String(core), command, ...args]] : [command, [...args]];

/** The status of one GET; 0 while nothing listens. */
const statusOf = (url: string): Promise<number> =>
  new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    }).once('error', () => resolve(0));
  });

const stopped = async (child: ChildProcess): Promise<void> => {
  if (!isRunning(child)) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

export interface ServerSpec {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What is asked until it answers 200; any answer at all will do when it is left out. */
  readonly ready?: string;
}

/** Starts a Node server on the first core, with production settings, and waits for its first good answer. */
export const startServer = async ({ args, env, ready }: ServerSpec) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const from = performance.now();
  const child = spawn(...pinned(0, process.execPath, args), {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: String(port), LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const isReady = (status: number) => status === 200 || (ready === undefined && status !== 0);
  while (!isReady(await statusOf(url + (ready ?? '/health')))) {
    if (child.exitCode !== null || performance.now() - from > 10_000) {
      await stopped(child);
      throw new Error(`${args.join(' ')} did not start`);
    }
    await pause(1);
  }
  const readyMs = performance.now() - from;
  const pid = child.pid ?? 0;
  const fields = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return {
    pid,
    url,
    /** From the spawn to the end of the first good answer. */
    readyMs,
    /** CPU of the process since its start. */
    cpuSeconds: () => (Number(fields('stat')[11]) + Number(fields('stat')[12])) / TICKS_PER_SECOND,
    residentBytes: () => Number(fields('statm')[1]) * PAGE_BYTES,
    stop: () => stopped(child),
  };
};

export type Running = Awaited<ReturnType<typeof startServer>>;

/** A plain Redis on the second core: it remembers nothing and refuses nothing. */
export const startPinnedRedis = async (): Promise<RedisServer> => {
  const redis = await startRedis({ acl: '~* &* +@all' });
  if (isPinned) spawnSync('taskset', ['-acp', '1', String(redis.pid)]);
  return redis;
};

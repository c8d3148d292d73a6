import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { connect, Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export type Environment = Readonly<Record<string, string | undefined>>;

export const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The programs of these names on the PATH: the first name first, wherever it is. */
export const programsOnPath = (names: readonly string[]): string[] => {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).filter(isExecutable);
};

/** Whether something takes connections at a port of this machine. */
export const isListening = async (port: number): Promise<boolean> => {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** Waits until the process takes connections on `port`. @returns false when it has ended before that */
export const waitUntilListening = async (child: ChildProcess, port: number): Promise<boolean> => {
  while (!(await isListening(port))) {
    if (!isRunning(child)) return false;
    await pause(10);
  }
  return true;
};

/**
 * Runs a line of shell when this process ends, however it ends (SIGKILL too), unless the returned function is called
 * first. A small `sh` of its own session waits at a pipe: the system closes the pipe when this process is gone.
 * The watcher does not keep this process alive.
 * @param script shell text that finds `args` as $1, $2 …
 */
export const runAfterDeath = (script: string, ...args: readonly string[]): (() => void) => {
  const watcher = spawn('sh', ['-c', `read -r _ || { ${script}; }`, 'sh', ...args], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => {});
  watcher.stdin.on('error', () => {});
  watcher.unref();
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  return () => watcher.stdin.end('\n');
};

/**
 * Starts Node as a process group of its own: Ctrl-C does not reach it, and it ends with this process at the latest.
 * @param read gets each piece of what it prints, on both streams
 */
export const spawnNode = (
  args: readonly string[],
  { folder, env }: { folder: string; env: Environment },
  read: (text: string) => void,
) => {
  const child = spawn(process.execPath, args, { cwd: folder, detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
  // One that could not be spawned has no pid, and needs nothing.
  const forget = child.pid ? runAfterDeath('kill -s KILL -- "-$1"', String(child.pid)) : () => {};
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read);
  const ended = once(child, 'close').then(() => {
    forget();
    return child.exitCode ?? child.signalCode;
  });
  return {
    child,
    /** The exit status, or the signal that ended it. */
    ended,
  };
};

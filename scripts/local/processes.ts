import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { connect, Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export type Environment = Readonly<Record<string, string | undefined>>;

export const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

const succeeds = (check: () => unknown): boolean => {
  try {
    check();
    return true;
  } catch {
    return false;
  }
};

/** The programs with these names on the PATH, ordered by name first. */
export const programsOnPath = (names: readonly string[]): string[] => {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const files = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return files.filter((file) => succeeds(() => accessSync(file, constants.X_OK)));
};

/** Whether a port of this machine accepts connections. */
export const isListening = async (port: number): Promise<boolean> => {
  const socket = connect({ port, host: '127.0.0.1' });
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
};

/** Waits until the process accepts connections on `port`. @returns false if it exits first */
export const waitUntilListening = async (child: ChildProcess, port: number): Promise<boolean> => {
  while (!(await isListening(port))) {
    if (!isRunning(child)) return false;
    await pause(10);
  }
  return true;
};

/**
 * Runs a shell command when this process ends for any reason, SIGKILL included, unless the returned function is called
 * first. A detached `sh` waits for the end of a pipe, which the system closes along with this process. It does not keep
 * this process alive.
 * @param script shell text; it finds `args` in $1, $2 …
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
 * Starts Node in its own process group, so Ctrl-C does not reach it. It ends with this process at the latest.
 * @param read gets chunks of its output, stdout and stderr alike
 * @returns the process, and a promise of its exit status or of the signal that ended it
 */
export const spawnNode = (
  args: readonly string[],
  { folder, env }: { folder: string; env: Environment },
  read: (text: string) => void,
) => {
  const child = spawn(process.execPath, args, { cwd: folder, detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
  // There is no pid if it could not be spawned.
  const release = child.pid ? runAfterDeath('kill -s KILL -- "-$1"', String(child.pid)) : () => {};
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read);
  const ended = once(child, 'close').then(() => {
    release();
    return child.exitCode ?? child.signalCode;
  });
  return { child, ended };
};

/** The parent process and, if that is a shell which npm runs the command in, its parent: npm itself. */
const launchers = (): number[] => {
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(process.ppid)], { encoding: 'utf8' });
  const [, grandparent, name = ''] = /(\d+)\s+(\S+)/.exec(stdout ?? '') ?? [];
  return name.endsWith('sh') ? [process.ppid, Number(grandparent)] : [process.ppid];
};

/** Calls `then` when the npm that runs this command has been killed: a SIGKILL to npm is not passed on. */
export const whenNpmIsKilled = (then: () => void): void => {
  if (process.env.npm_lifecycle_event === undefined) return;
  const pids = launchers();
  const timer = setInterval(() => {
    if (process.ppid === pids[0] && pids.every((pid) => succeeds(() => process.kill(pid, 0)))) return;
    clearInterval(timer);
    then();
  }, 1_000);
  timer.unref();
};

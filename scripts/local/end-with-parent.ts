import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

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
 * Ends the process group that `pid` leads when this process is gone: for children that were spawned `detached`. A child
 * that could not be spawned has no pid, and needs nothing.
 */
export const killAfterDeath = (pid: number | undefined): (() => void) =>
  pid === undefined ? () => {} : runAfterDeath('kill -s KILL -- "-$1"', String(pid));

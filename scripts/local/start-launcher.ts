import { spawnSync } from 'node:child_process';

const CHECK_EVERY_MS = 1_000;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user is alive too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** npm runs a command in a shell; some shells give way to the command, others stay between the two. */
const launchers = (): number[] => {
  const parent = process.ppid;
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(parent)], { encoding: 'utf8' });
  const [, grandparent, name = ''] = /(\d+)\s+(\S+)/.exec(stdout ?? '') ?? [];
  return name.endsWith('sh') ? [parent, Number(grandparent)] : [parent];
};

/** Calls `then` when the npm that runs this command was killed: neither npm nor its shell then tells the command. */
export const whenLauncherIsGone = (then: () => void): void => {
  if (process.env.npm_lifecycle_event === undefined) return;
  const { ppid } = process;
  const pids = launchers();
  const timer = setInterval(() => {
    if (process.ppid === ppid && pids.every(isAlive)) return;
    clearInterval(timer);
    then();
  }, CHECK_EVERY_MS);
  timer.unref();
};

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { killAfterDeath } from './end-with-parent.ts';
import { freePort } from './free-port.ts';
import { isRunning, waitUntilListening } from './processes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A function under the real functions-framework command, in a process of its own. */
export interface FrameworkProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** All that it printed so far, on both streams; with `print`, what it printed until it was listening. */
  readonly output: () => string;
  /** The exit status, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
  /** Sends `signal` and waits for the end. @returns the exit status, or the signal that ended it */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | string | null>;
}

export interface FrameworkOptions {
  /** Settings on top of `base`. */
  readonly env?: Environment;
  /** The environment to start from: that of this process unless given. */
  readonly base?: Environment;
  /** Where it runs; here unless given. */
  readonly folder?: string;
  /** What the framework loads: the sources unless given, `main` of package.json when null. */
  readonly source?: string | null;
  /** A free one unless given. */
  readonly port?: number;
  /** Options of Node itself, such as `--import=…`. */
  readonly nodeArgs?: readonly string[];
  /** Gets each piece of what it prints. */
  readonly print?: (text: string) => void;
}

const SOURCE = 'functions/index.ts';

/** Node keeps the sources there without their types, and compiled: a start takes a third less. */
const COMPILE_CACHE = join(import.meta.dirname, '..', '..', '.cache', 'compiled');

/** The framework's command line, to be run by Node. */
export const frameworkCommand = (target: string, source: string | null = null): string[] => [
  'node_modules/@google-cloud/functions-framework/build/src/main.js',
  `--target=${target}`,
  ...(source === null ? [] : [`--source=${source}`]),
];

/**
 * Starts `functions-framework --target=…` and waits until it takes connections. It is a process group of its own:
 * Ctrl-C does not reach it, and it ends with this process at the latest.
 * @throws Error with what it printed, when it ends before that
 */
export const startFramework = async (target: string, options: FrameworkOptions = {}): Promise<FrameworkProcess> => {
  const { env = {}, base = process.env, folder = '.', source = SOURCE, nodeArgs = [], print } = options;
  const port = options.port ?? (await freePort());
  const child = spawn(process.execPath, [...nodeArgs, ...frameworkCommand(target, source)], {
    cwd: folder,
    detached: true,
    env: { ...(source === SOURCE && { NODE_COMPILE_CACHE: COMPILE_CACHE }), ...base, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const forget = killAfterDeath(child.pid);
  const ended = once(child, 'close').then(() => {
    forget();
    return child.exitCode ?? child.signalCode;
  });
  let isStarting = true;
  let printed = '';
  const read = (chunk: Buffer) => {
    if (isStarting || print === undefined) printed += chunk;
    print?.(String(chunk));
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  if (!(await waitUntilListening(child, port))) {
    await ended;
    // Another process took the free port between the look and the start.
    if (options.port === undefined && printed.includes('EADDRINUSE')) return startFramework(target, options);
    throw new Error(printed.trim());
  }
  isStarting = false;
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    output: () => printed,
    ended,
    stop: async (signal = 'SIGTERM') => {
      if (isRunning(child)) child.kill(signal);
      return ended;
    },
  };
};

/** Opens the debugger of a running process, at its `--inspect-port`: with it, two processes may follow one another. */
export const openDebugger = ({ child }: FrameworkProcess): void => void child.kill('SIGUSR1');

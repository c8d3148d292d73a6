import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type Environment, isRunning, spawnNode, waitUntilListening } from './processes.ts';

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
 * Starts a function under the real functions-framework command, in a process of its own, and waits until it takes
 * connections.
 * @throws Error with what it printed, when it ends before that
 */
export const startFramework = async (target: string, options: FrameworkOptions = {}): Promise<FrameworkProcess> => {
  const { env = {}, base = process.env, source = SOURCE, nodeArgs = [], print } = options;
  const port = options.port ?? (await freePort());
  let isStarting = true;
  let printed = '';
  const where = {
    folder: options.folder ?? '.',
    env: { ...(source === SOURCE && { NODE_COMPILE_CACHE: COMPILE_CACHE }), ...base, ...env, PORT: String(port) },
  };
  const { child, ended } = spawnNode([...nodeArgs, ...frameworkCommand(target, source)], where, (text) => {
    if (isStarting || print === undefined) printed += text;
    print?.(text);
  });
  if (!(await waitUntilListening(child, port))) {
    await ended;
    // Another process took the free port between the look and the start.
    if (options.port === undefined && printed.includes('EADDRINUSE')) return startFramework(target, options);
    throw new Error(printed.trim());
  }
  isStarting = false;
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (isRunning(child)) child.kill(signal);
    return ended;
  };
  return { url: `http://127.0.0.1:${port}`, child, output: () => printed, ended, stop };
};

export interface FrameworkProcess extends ReturnType<typeof spawnNode> {
  readonly url: string;
  /** All that it printed so far, on both streams; with `print`, what it printed until it was listening. */
  readonly output: () => string;
  /** Sends `signal` and waits for the end. @returns the exit status, or the signal that ended it */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | string | null>;
}

/** Opens the debugger of a running process, at its `--inspect-port`: with it, two processes may follow one another. */
export const openDebugger = ({ child }: FrameworkProcess): void => void child.kill('SIGUSR1');

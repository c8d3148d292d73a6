import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type Environment, isRunning, spawnNode, waitUntilListening } from './processes.ts';

export interface FrameworkOptions {
  /** Settings on top of `base`. */
  readonly env?: Environment;
  /** The environment to start from. Default: that of this process. */
  readonly base?: Environment;
  /** The working directory. */
  readonly folder?: string;
  /** What the framework loads. Default: the sources. Null: `main` of package.json. */
  readonly source?: string | null;
  /** Default: a free one. */
  readonly port?: number;
  /** Options of Node itself, such as `--import=…`. */
  readonly nodeArgs?: readonly string[];
  /** Gets chunks of its output. */
  readonly print?: (text: string) => void;
}

const SOURCE = 'functions/index.ts';

/** Node caches compiled sources there, which makes a start a third faster. */
const COMPILE_CACHE = join(import.meta.dirname, '..', '..', '.cache', 'compiled');

/** The arguments that make Node run the framework's command. */
export const frameworkCommand = (target: string, source: string | null = null): string[] => [
  'node_modules/@google-cloud/functions-framework/build/src/main.js',
  `--target=${target}`,
  ...(source === null ? [] : [`--source=${source}`]),
];

/**
 * Starts a function under the real functions-framework command, in its own process, and waits until it accepts
 * connections.
 * @throws Error with its output if it exits first
 */
export const startFramework = async (target: string, options: FrameworkOptions = {}): Promise<FrameworkProcess> => {
  const { env = {}, base = process.env, folder = '.', source = SOURCE, nodeArgs = [], print } = options;
  const port = options.port ?? (await freePort());
  let isStarting = true;
  let printed = '';
  const cache = source === SOURCE && { NODE_COMPILE_CACHE: COMPILE_CACHE };
  const where = { folder, env: { ...cache, ...base, ...env, PORT: String(port) } };
  const { child, ended } = spawnNode([...nodeArgs, ...frameworkCommand(target, source)], where, (text) => {
    if (isStarting || print === undefined) printed += text;
    print?.(text);
  });
  if (!(await waitUntilListening(child, port))) {
    await ended;
    // Another process may have taken the free port in the meantime.
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
  /** Its output so far, stdout and stderr. With `print`, only until it was listening. */
  readonly output: () => string;
  /** Sends `signal` and waits for the exit. @returns the exit status, or the signal that ended it */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | string | null>;
}

/** Opens the debugger of a running process on its `--inspect-port`. On demand, so that a successor can reuse the port. */
export const openDebugger = ({ child }: FrameworkProcess): void => void child.kill('SIGUSR1');

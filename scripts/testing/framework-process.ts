import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../local/free-port.ts';

/** A function under the real functions-framework command line, in a process of its own. */
export interface FrameworkProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** All that it printed so far, on both streams. */
  readonly output: () => string;
  /** Sends `signal` and waits for the end. @returns the exit status, or the signal that ended it */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | string | null>;
}

interface Options {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the framework loads from; the sources unless said. */
  readonly source?: string;
  /** Options of Node itself, such as `--import=…`. */
  readonly nodeOptions?: string;
}

/**
 * Starts `functions-framework --target=…` and waits until it listens.
 * @throws Error with what it printed, when it ends before that
 */
export const startFramework = async (target: string, options: Options = {}): Promise<FrameworkProcess> => {
  const { env = {}, source = 'functions/index.ts', nodeOptions } = options;
  const port = await freePort();
  const bin = 'node_modules/@google-cloud/functions-framework/build/src/main.js';
  const args = [bin, `--target=${target}`, `--source=${source}`, `--port=${port}`];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...(nodeOptions && { NODE_OPTIONS: nodeOptions }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let printed = '';
  const listening = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk;
      if (printed.includes('URL: ')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('close', () => reject(new Error(printed.trim())));
  });
  await listening;
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    output: () => printed,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
      return child.exitCode ?? child.signalCode;
    },
  };
};

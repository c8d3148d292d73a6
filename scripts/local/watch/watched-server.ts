import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { pathToFileURL } from 'node:url';
import { startProxy } from '../../testing/tcp-proxy.ts';
import { type FrameworkOptions, type FrameworkProcess, openDebugger, startFramework } from '../framework-process.ts';
import { messageOf } from '../message-of.ts';
import { watchSources } from './watch-sources.ts';

const SOURCES = ['functions', 'shared'];

/** Whether `target` runs this file. The documentation shows all functions, so it runs every one. */
export const matters = (path: string, target: string, functions: readonly string[]): boolean => {
  const [, folder = ''] = /^functions\/([^/]+)\//.exec(path) ?? [];
  // Pages' own scripts reach the server through `npm run generate` only.
  return !path.includes('/client/') && (['api', 'docs', folder].includes(target) || !functions.includes(folder));
};

const HERE = `${pathToFileURL('.').href}/`;
/** The framework's advice, and where Node and packages were at that time: neither says what to mend. */
const NOISE = [
  /^Provided module can't be loaded\.$/,
  /^(Is there a syntax error|Did you list all required modules)/,
  /^Could not load the function, shutting down\.$/,
  /^ +at .*(node:internal|node_modules)/,
  /^Node\.js v/,
];

/** What the framework printed when it could not load the code, down to what a person needs: file, line and text. */
const explainFailure = (printed: string): string =>
  printed
    .split('\n')
    .map((line) => line.replace('Detailed stack trace: ', '').replaceAll(HERE, ''))
    .filter((line) => !NOISE.some((pattern) => pattern.test(line)))
    .join('\n')
    .trim();

const portOf = ({ url }: FrameworkProcess): number => Number(new URL(url).port);

/** Writes what is made from the manifest and the pages. What it writes is a change of its own. */
const generate = async (print: (text: string) => void): Promise<void> => {
  const child = spawn(process.execPath, ['scripts/generate.ts'], { stdio: ['ignore', 'pipe', 'pipe'] });
  // What is served comes first.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
  await once(child, 'close');
  if (printed !== '') print(child.exitCode === 0 ? printed : `${explainFailure(printed)}\n`);
};

interface WatchedOptions extends FrameworkOptions {
  readonly port: number;
  readonly print: (text: string) => void;
  /** The names of all functions. */
  readonly functions: readonly string[];
  readonly inspect: boolean;
}

/**
 * Serves the sources, and what becomes of them. New code gets the requests once it listens, and the old code answers
 * those it has. Code that does not load is shown, and the last good code goes on serving.
 */
export const startWatched = async (target: string, { port, functions, inspect, ...options }: WatchedOptions) => {
  const { print } = options;
  let current = await startFramework(target, options);
  const door = await startProxy(portOf(current), { port });
  if (inspect) openDebugger(current);
  let changed: string[] = [];
  let draining: Promise<unknown> = Promise.resolve();
  let isStopping = false;
  let working: Promise<void> | undefined;

  const replace = async (paths: readonly string[]): Promise<void> => {
    const from = performance.now();
    try {
      const next = await startFramework(target, options);
      const old = current;
      current = next;
      door.retarget(portOf(next));
      print(`${paths.join(', ')} changed: restarted in ${Math.round(performance.now() - from)} ms\n`);
      // The port of the debugger is free only when the old process is gone.
      const drained = old.stop().then(() => inspect && openDebugger(next));
      draining = Promise.all([draining, drained]);
    } catch (error) {
      print(`${explainFailure(messageOf(error))}\n`);
      print('This code does not start. The last that did keeps serving.\n');
    }
  };
  let isStale = false;
  let generating: Promise<void> | undefined;
  /** Beside the serving: the next save does not wait for files that are made from the last one. */
  const generateAll = async (): Promise<void> => {
    while (isStale && !isStopping) {
      isStale = false;
      await generate(print);
    }
  };
  const work = async (): Promise<void> => {
    while (changed.length > 0 && !isStopping) {
      const paths = changed.splice(0);
      const served = paths.filter((path) => matters(path, target, functions));
      if (served.length > 0) await replace(served);
    }
    isStale = true;
    generating ??= generateAll().finally(() => {
      generating = undefined;
    });
  };
  const unwatch = watchSources(SOURCES, (paths) => {
    changed = [...new Set([...changed, ...paths])];
    working ??= work().finally(() => {
      working = undefined;
    });
  });
  const stopped = Promise.withResolvers<number>();
  return {
    ended: stopped.promise,
    stop: async (): Promise<void> => {
      isStopping = true;
      unwatch();
      await Promise.all([working, generating]);
      await Promise.all([draining, current.stop()]);
      await door.stop();
      stopped.resolve(0);
    },
  };
};

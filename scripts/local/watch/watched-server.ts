import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { pathToFileURL } from 'node:url';
import { manifest } from '../../../functions/manifest.ts';
import { startProxy } from '../../testing/tcp-proxy.ts';
import { type FrameworkOptions, type FrameworkProcess, openDebugger, startFramework } from '../framework-process.ts';
import { messageOf } from '../message-of.ts';
import { watchSources } from './watch-sources.ts';

const FUNCTIONS = manifest.map(({ name }) => name);

/** Whether `target` runs this file. The documentation covers all functions, so every file matters to it. */
const matters = (path: string, target: string): boolean => {
  const [, folder = ''] = /^functions\/([^/]+)\//.exec(path) ?? [];
  // Scripts of pages reach the server only through `npm run generate`.
  return !path.includes('/client/') && (['api', 'docs', folder].includes(target) || !FUNCTIONS.includes(folder));
};

const HERE = `${pathToFileURL('.').href}/`;
/** Lines that do not help to fix the code: the framework's advice, and frames of Node and of packages. */
const NOISE = [
  /^Provided module can't be loaded\.$/,
  /^(Is there a syntax error|Did you list all required modules)/,
  /^Could not load the function, shutting down\.$/,
  /^ +at .*(node:internal|node_modules)/,
  /^Node\.js v/,
];

/** Reduces the framework's output to the file, the line and the error. */
const explainFailure = (printed: string): string =>
  printed
    .split('\n')
    .map((line) => line.replace('Detailed stack trace: ', '').replaceAll(HERE, ''))
    .filter((line) => !NOISE.some((pattern) => pattern.test(line)))
    .join('\n')
    .trim();

const portOf = ({ url }: FrameworkProcess): number => Number(new URL(url).port);

/** Regenerates what is made from the manifest and the pages. The files it writes count as changes themselves. */
const generate = async (print: (text: string) => void): Promise<void> => {
  const child = spawn(process.execPath, ['scripts/generate.ts'], { stdio: ['ignore', 'pipe', 'pipe'] });
  // Restarts come first.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
  await once(child, 'close');
  if (printed !== '') print(child.exitCode === 0 ? printed : `${explainFailure(printed)}\n`);
};

/** Never runs `work` twice at once. Calls during a run lead to one more run. @returns a promise of the last run */
const oneAtATime = (work: () => Promise<void>) => {
  let isDue = false;
  let loop: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    while (isDue) {
      isDue = false;
      await work();
    }
    loop = undefined;
  };
  return (): Promise<void> => {
    isDue = true;
    loop ??= run();
    return loop;
  };
};

interface WatchedOptions extends FrameworkOptions {
  readonly port: number;
  readonly print: (text: string) => void;
  readonly inspect: boolean;
}

/**
 * Serves the sources and restarts when they change. New requests go to the new process once it listens, and the old
 * one finishes its own. If the new code does not start, the error is printed and the old process keeps serving.
 */
export const startWatched = async (target: string, { port, inspect, ...options }: WatchedOptions) => {
  const { print } = options;
  let current = await startFramework(target, options);
  const proxy = await startProxy(portOf(current), { port });
  if (inspect) openDebugger(current);
  const changed = new Set<string>();
  let draining: Promise<unknown> = Promise.resolve();
  let isStopping = false;

  const restart = oneAtATime(async () => {
    const paths = [...changed].filter((path) => matters(path, target));
    changed.clear();
    if (paths.length === 0 || isStopping) return;
    const from = performance.now();
    try {
      const next = await startFramework(target, options);
      const old = current;
      current = next;
      proxy.retarget(portOf(next));
      print(`${paths.join(', ')} changed: restarted in ${Math.round(performance.now() - from)} ms\n`);
      // The debugger's port is free once the old process has exited.
      const drained = old.stop().then(() => inspect && openDebugger(next));
      draining = Promise.all([draining, drained]);
    } catch (error) {
      print(`${explainFailure(messageOf(error))}\nThis code does not start. The previous version keeps serving.\n`);
    }
  });
  // Apart from the restarts, so that the next save does not wait for it.
  const regenerate = oneAtATime(async () => {
    if (!isStopping) await generate(print);
  });
  let working: Promise<unknown> = Promise.resolve();
  const unwatch = watchSources(['functions', 'shared'], (paths) => {
    for (const path of paths) changed.add(path);
    working = Promise.all([working, restart().then(regenerate)]);
  });
  const stopped = Promise.withResolvers<number>();
  return {
    ended: stopped.promise,
    stop: async (): Promise<void> => {
      isStopping = true;
      unwatch();
      await working;
      await Promise.all([draining, current.stop()]);
      await proxy.stop();
      stopped.resolve(0);
    },
  };
};

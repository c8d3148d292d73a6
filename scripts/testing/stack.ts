import { once } from 'node:events';
import { freePort } from '../local/free-port.ts';
import { type Environment, spawnNode } from '../local/processes.ts';

/** Runs the command behind `npm start` as a terminal does: in its own process group, without the settings of this test run. */
const startCommand = (args: readonly string[], more: Environment, folder: string) => {
  const env = { ...process.env, REDIS_URL: undefined, ENV_FILE: '', npm_lifecycle_event: undefined, ...more };
  let printed = '';
  const { child, ended } = spawnNode(['scripts/start.ts', ...args], { folder, env }, (text) => {
    printed += text;
    child.emit('printed');
  });
  return { child, ended, output: () => printed };
};

/** Runs the command until it exits. @returns its exit status and output */
export const runStart = async (args: readonly string[], env: Environment = {}) => {
  const { ended, output } = startCommand(args, env, '.');
  return { status: await ended, output: output() };
};

/**
 * Starts the whole stack of the project in `folder`, and waits until it is up.
 * @throws Error with its output when it exits early
 */
export const startStack = async (args: readonly string[] = [], env: Environment = {}, folder = '.') => {
  const port = await freePort();
  const { child, ended, output } = startCommand([`--port=${port}`, ...args], env, folder);
  const printed = async (text: string): Promise<void> => {
    while (!output().includes(text)) {
      const end = ended.then(() => 'ended' as const);
      if ((await Promise.race([once(child, 'printed'), end])) === 'ended') throw new Error(output());
    }
  };
  await printed('Press Ctrl-C to stop everything.');
  return {
    url: `http://localhost:${port}`,
    port,
    /** The port of the throw-away Redis, from the output. */
    redisPort: Number(/redis:\/\/127\.0\.0\.1:(\d+)/.exec(output())?.[1]),
    consoleUrl: /console +(http:\S+)/.exec(output())?.[1] ?? '',
    output,
    /** Waits until the output contains `text`. */
    printed,
    /** Signals the whole process group, as a terminal does, or only the command. @returns exit status or signal */
    end: async (signal: NodeJS.Signals = 'SIGINT', target: 'group' | 'command' = 'group') => {
      const { pid = 0 } = child;
      process.kill(target === 'group' ? -pid : pid, signal);
      return ended;
    },
  };
};

export type Stack = Awaited<ReturnType<typeof startStack>>;

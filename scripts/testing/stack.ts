import { once } from 'node:events';
import { freePort } from '../local/free-port.ts';
import { type Environment, spawnNode } from '../local/processes.ts';

/** `npm start`'s command, as a terminal would run it: in a process group of its own, and without this run's settings. */
const startCommand = (args: readonly string[], more: Environment, folder: string) => {
  const env = { ...process.env, REDIS_URL: undefined, ENV_FILE: '', npm_lifecycle_event: undefined, ...more };
  let printed = '';
  const { child, ended } = spawnNode(['scripts/start.ts', ...args], { folder, env }, (text) => {
    printed += text;
    child.emit('printed');
  });
  return { child, ended, output: () => printed };
};

/** Runs the command to its end. @returns its exit status and what it printed */
export const runStart = async (args: readonly string[], env: Environment = {}) => {
  const { ended, output } = startCommand(args, env, '.');
  return { status: await ended, output: output() };
};

/** Starts the whole stack of the project in `folder` and waits until it has printed its last line. @throws with what it printed when it ends */
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
    /** The port of the throw-away Redis, as the command printed it. */
    redisPort: Number(/redis:\/\/127\.0\.0\.1:(\d+)/.exec(output())?.[1]),
    consoleUrl: /console +(http:\S+)/.exec(output())?.[1] ?? '',
    output,
    /** Waits until it has printed `text`. */
    printed,
    /** Sends a signal to the whole group, as a terminal does, or to the command alone. @returns how it ended */
    end: async (signal: NodeJS.Signals = 'SIGINT', whom: 'group' | 'command' = 'group') => {
      const { pid = 0 } = child;
      process.kill(whom === 'group' ? -pid : pid, signal);
      return ended;
    },
  };
};

export type Stack = Awaited<ReturnType<typeof startStack>>;

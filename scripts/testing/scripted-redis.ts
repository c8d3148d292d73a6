import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { listenOnFreePort } from '../local/free-port.ts';
import { replyReader } from './resp.ts';

export const silence = { do: 'silence' } as const;
export const hangUp = { do: 'hang-up' } as const;
/** What a scripted server does with a command: RESP text to send, or one of these. */
export type Reaction = string | typeof silence | typeof hangUp;
export const HELLO_REPLY = '%1\r\n$5\r\nproto\r\n:3\r\n';

const asUsual = ([name]: readonly string[]): Reaction =>
  name === 'HELLO' ? HELLO_REPLY : name === 'PING' ? '+PONG\r\n' : '$-1\r\n';

/**
 * Starts a server that speaks Redis's protocol and says what a test wants, on a free port of 127.0.0.1: for what a real
 * one says too seldom.
 */
export const startScriptedRedis = async () => {
  const sockets = new Set<Socket>();
  const heard: (readonly string[])[] = [];
  let dials = 0;
  let script: (command: readonly string[]) => Reaction | undefined = () => undefined;

  const server = createServer((socket) => {
    dials += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    const read = replyReader((words) => {
      const command = Array.isArray(words) ? words.map(String) : [];
      heard.push(command);
      const reaction = script(command) ?? asUsual(command);
      if (typeof reaction === 'string') socket.write(reaction);
      else if (reaction === hangUp) socket.destroy();
    });
    socket.on('data', read);
  });
  const port = await listenOnFreePort(server);
  /** Ends every connection, with a reset. */
  const resetAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    /** How many connections were made. */
    dials: () => dials,
    /** How many connections are open. */
    open: () => sockets.size,
    /** The commands that came, HELLO included. */
    commands: () => heard,
    /** How it reacts from now on; HELLO and PING are answered as usual unless `next` says otherwise. */
    react: (next: typeof script): void => {
      script = next;
    },
    /** Sends `text` on every connection: what was not answered before, for instance. */
    say: (text: string): void => {
      for (const socket of sockets) socket.write(text);
    },
    resetAll,
    stop: async (): Promise<void> => {
      resetAll();
      await once(server.close(), 'close');
    },
  };
};

export type ScriptedRedis = Awaited<ReturnType<typeof startScriptedRedis>>;

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { listenOnFreePort } from '../local/free-port.ts';
import { replyReader } from './resp.ts';

export const silence = { do: 'silence' } as const;
export const hangUp = { do: 'hang-up' } as const;
/** How the server reacts to a command: RESP text to send, or one of these. */
type Reaction = string | typeof silence | typeof hangUp;

const defaultReaction = (name = ''): Reaction => {
  if (name === 'HELLO') return '%1\r\n$5\r\nproto\r\n:3\r\n';
  return name === 'PING' ? '+PONG\r\n' : '$-1\r\n';
};

/** Starts a scripted server on a free port of 127.0.0.1, for replies that a real Redis rarely gives. */
export const startScriptedRedis = async () => {
  const sockets = new Set<Socket>();
  const commands: (readonly string[])[] = [];
  let dials = 0;
  let script: (command: readonly string[]) => Reaction | undefined = () => undefined;

  const server = createServer((socket) => {
    dials += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    const read = replyReader((words) => {
      const command = Array.isArray(words) ? words.map(String) : [];
      commands.push(command);
      const reaction = script(command) ?? defaultReaction(command[0]);
      if (typeof reaction === 'string') socket.write(reaction);
      else if (reaction === hangUp) socket.destroy();
    });
    socket.on('data', (chunk) => {
      try {
        read(chunk);
      } catch {
        // Redis closes a connection that does not speak its protocol.
        socket.destroy();
      }
    });
  });
  const port = await listenOnFreePort(server);
  const resetAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    /** How many connections were made. */
    dials: () => dials,
    /** How many connections are open. */
    open: () => sockets.size,
    /** The commands received, HELLO included. */
    commands: () => commands,
    /** Replaces the script. Where it returns undefined, HELLO, PING and the rest get their default replies. */
    react: (next: typeof script): void => {
      script = next;
    },
    /** Sends `text` on every connection, such as a late reply or a push message. */
    say: (text: string): void => {
      for (const socket of sockets) socket.write(text);
    },
    /** Resets every connection. */
    resetAll,
    stop: async (): Promise<void> => {
      resetAll();
      await once(server.close(), 'close');
    },
  };
};

export type ScriptedRedis = Awaited<ReturnType<typeof startScriptedRedis>>;

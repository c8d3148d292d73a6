import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { listenOnFreePort } from '../local/free-port.ts';

/** What a scripted server does with a command: RESP text to send, `silence`, or `hang-up`. */
export type Reaction = string | { readonly do: 'silence' | 'hang-up' };

export const silence = { do: 'silence' } as const;
export const hangUp = { do: 'hang-up' } as const;
export const HELLO_REPLY = '%1\r\n$5\r\nproto\r\n:3\r\n';

/** A server that speaks Redis's protocol and says what a test wants: for what a real one says too seldom. */
export interface ScriptedRedis {
  readonly port: number;
  /** How many connections were made. */
  readonly dials: () => number;
  /** How many connections are open. */
  readonly open: () => number;
  /** The commands that came, HELLO included. */
  readonly commands: () => readonly (readonly string[])[];
  /** How it reacts from now on; HELLO and PING are answered as usual unless `script` says otherwise. */
  readonly react: (script: (command: readonly string[]) => Reaction | undefined) => void;
  /** Sends `text` on every connection: what was not answered before, for instance. */
  readonly say: (text: string) => void;
  /** Ends every connection, with a reset. */
  readonly resetAll: () => void;
  readonly stop: () => Promise<void>;
}

/** The complete commands at the start of `text`, and what is left. Only short ASCII commands come here. */
const takeCommands = (text: string): { commands: string[][]; rest: string } => {
  const lines = text.split('\r\n');
  const commands: string[][] = [];
  let at = 0;
  while (lines[at]?.startsWith('*')) {
    const length = Number(lines[at]?.slice(1));
    if (at + 2 * length + 1 >= lines.length) break;
    commands.push(Array.from({ length }, (_, index) => lines[at + 2 * index + 2] ?? ''));
    at += 2 * length + 1;
  }
  return { commands, rest: lines.slice(at).join('\r\n') };
};

const asUsual = ([name]: readonly string[]): Reaction =>
  name === 'HELLO' ? HELLO_REPLY : name === 'PING' ? '+PONG\r\n' : '$-1\r\n';

/** Starts one on a free port of 127.0.0.1. */
export const startScriptedRedis = async (): Promise<ScriptedRedis> => {
  const sockets = new Set<Socket>();
  const heard: string[][] = [];
  let dials = 0;
  let script: (command: readonly string[]) => Reaction | undefined = () => undefined;

  const answer = (socket: Socket, command: string[]): void => {
    heard.push(command);
    const reaction = script(command) ?? asUsual(command);
    if (typeof reaction === 'string') socket.write(reaction);
    else if (reaction.do === 'hang-up') socket.destroy();
  };
  const server = createServer((socket) => {
    dials += 1;
    sockets.add(socket);
    let waiting = '';
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const { commands, rest } = takeCommands(waiting + chunk.toString('latin1'));
      waiting = rest;
      for (const command of commands) answer(socket, command);
    });
  });
  const port = await listenOnFreePort(server);
  const resetAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    dials: () => dials,
    open: () => sockets.size,
    commands: () => heard,
    react: (next) => {
      script = next;
    },
    say: (text) => {
      for (const socket of sockets) socket.write(text);
    },
    resetAll,
    stop: async () => {
      resetAll();
      server.close();
      await once(server, 'close');
    },
  };
};

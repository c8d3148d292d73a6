import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listenOnFreePort } from '../local/free-port.ts';

/** A TCP proxy in front of Redis, which breaks what a network breaks. */
export interface TcpProxy {
  readonly port: number;
  /** Bytes take so much longer, both ways together. */
  readonly slowDown: (ms: number) => void;
  /** Ends every connection with a reset; new ones are served. */
  readonly resetAll: () => void;
  /** From now on no byte passes, of old connections and new ones, and nobody is told. */
  readonly stall: () => void;
  /** New bytes pass again; connections that were stalled stay dead, as after a lost route. */
  readonly resume: () => void;
  /** From now on new connections go there; old ones stay where they are. */
  readonly retarget: (port: number) => void;
  /** How many connections were made. */
  readonly dials: () => number;
  readonly stop: () => Promise<void>;
}

export const startProxy = async (target: number): Promise<TcpProxy> => {
  let to = target;
  let delayMs = 0;
  let isStalled = false;
  let dials = 0;
  const sockets = new Set<Socket>();
  const dead = new Set<Socket>();

  const pipe = (from: Socket, into: Socket): void => {
    const pass = (chunk: Buffer) => {
      if (isStalled) for (const socket of [from, into]) dead.add(socket);
      else if (!dead.has(from)) into.write(chunk);
    };
    // Each timer lets the oldest bytes go: they keep their order, also when the delay has just got shorter.
    const waiting: Buffer[] = [];
    const release = () => {
      const chunk = waiting.shift();
      if (chunk !== undefined) pass(chunk);
    };
    from.on('data', (chunk: Buffer) => {
      if (delayMs === 0 && waiting.length === 0) {
        pass(chunk);
        return;
      }
      waiting.push(chunk);
      setTimeout(release, delayMs / 2);
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      dead.delete(from);
      if (!dead.has(into)) into.destroy();
    });
  };
  const server = createServer((client) => {
    dials += 1;
    const upstream = connect(to, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.setNoDelay(true));
    pipe(client, upstream);
    pipe(upstream, client);
  });
  const port = await listenOnFreePort(server);
  const resetAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    slowDown: (ms) => {
      delayMs = ms;
    },
    resetAll,
    stall: () => {
      isStalled = true;
      for (const socket of sockets) dead.add(socket);
    },
    resume: () => {
      isStalled = false;
    },
    retarget: (port) => {
      to = port;
    },
    dials: () => dials,
    stop: async () => {
      resetAll();
      server.close();
      await once(server, 'close');
    },
  };
};

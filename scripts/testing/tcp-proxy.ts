import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listenOnFreePort } from '../local/free-port.ts';

/** A TCP proxy: it counts what passes, breaks what a network breaks, and leads elsewhere when asked. */
export interface TcpProxy {
  readonly port: number;
  /** For REDIS_URL: the target, its user and its database, by way of this proxy. */
  readonly url: string;
  /** Holds each reply back for so many milliseconds. */
  readonly slowDown: (ms: number) => void;
  /** Resets every connection; new ones are served. */
  readonly resetAll: () => void;
  /** From now on no byte passes on any connection, and neither side hears why. */
  readonly stall: () => void;
  /** New connections work again; stalled ones stay dead, as after a lost route. */
  readonly resume: () => void;
  /** From now on: `sound`, or each connection is reset when the client sends (`deaf`), or Redis answers (`mute`). */
  readonly become: (state: 'sound' | 'deaf' | 'mute') => void;
  /** From now on new connections go to this port; old ones stay where they are. */
  readonly retarget: (port: number) => void;
  /** How many connections were made. */
  readonly dials: () => number;
  /** How often a client sent something and was answered, handshakes included. */
  readonly trips: () => number;
  readonly stop: () => Promise<void>;
}

interface ProxyOptions {
  /** Called for each connection; what it returns gets the bytes that this client sends. */
  readonly tap?: () => (bytes: Buffer) => void;
  /** The port to listen on, at every address of this machine; a free one of 127.0.0.1 unless given. */
  readonly port?: number;
}

const noTap = () => () => {};

/** @param target a URL of Redis, or a port on 127.0.0.1 */
export const startProxy = async (target: string | number, options: ProxyOptions = {}): Promise<TcpProxy> => {
  const { tap = noTap } = options;
  const url = new URL(typeof target === 'string' ? target : `redis://127.0.0.1:${target}`);
  let to = Number(url.port);
  let delayMs = 0;
  let isStalled = false;
  let state: 'sound' | 'deaf' | 'mute' = 'sound';
  let dials = 0;
  let trips = 0;
  const sockets = new Set<Socket>();
  const dead = new Set<Socket>();

  /**
   * @param see looks at each chunk first, and says whether it may pass
   * @param delay in milliseconds, as it is at the moment
   */
  const pipe = (from: Socket, into: Socket, see: (chunk: Buffer) => boolean, delay: () => number): void => {
    const pass = (chunk: Buffer) => {
      if (isStalled) for (const socket of [from, into]) dead.add(socket);
      else if (!dead.has(from)) into.write(chunk);
    };
    // Each timer lets the oldest chunk go, so they keep their order when the delay gets shorter.
    const waiting: Buffer[] = [];
    const release = () => {
      const chunk = waiting.shift();
      if (chunk !== undefined) pass(chunk);
    };
    from.on('data', (chunk: Buffer) => {
      if (!see(chunk)) {
        for (const socket of [from, into]) socket.resetAndDestroy();
      } else if (delay() === 0 && waiting.length === 0) {
        pass(chunk);
      } else {
        waiting.push(chunk);
        setTimeout(release, delay());
      }
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      dead.delete(from);
      if (!dead.has(into)) into.destroySoon();
    });
  };
  const server = createServer((client) => {
    dials += 1;
    let isAsking = false;
    const look = tap();
    const redis = connect(to, url.hostname);
    for (const socket of [client, redis]) sockets.add(socket.setNoDelay(true));
    const seeQuestion = (bytes: Buffer): boolean => {
      if (state === 'deaf') return false;
      if (!isAsking) trips += 1;
      isAsking = true;
      look(bytes);
      return true;
    };
    const seeReply = (): boolean => {
      isAsking = false;
      return state !== 'mute';
    };
    pipe(client, redis, seeQuestion, () => 0);
    pipe(redis, client, seeReply, () => delayMs);
  });
  const port = options.port ?? (await listenOnFreePort(server));
  if (options.port !== undefined) await once(server.listen(port), 'listening');
  const own = new URL(url);
  own.host = `127.0.0.1:${port}`;
  const resetAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    url: own.href,
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
    become: (next) => {
      state = next;
    },
    retarget: (next) => {
      to = next;
    },
    dials: () => dials,
    trips: () => trips,
    stop: async () => {
      resetAll();
      server.close();
      await once(server, 'close');
    },
  };
};

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listenOnFreePort } from '../local/free-port.ts';

interface ProxyOptions {
  /** Called for each connection; what it returns gets the bytes that this client sends. */
  readonly tap?: () => (bytes: Buffer) => void;
  /** The port to listen on, at every address of this machine; a free one of 127.0.0.1 unless given. */
  readonly port?: number;
}

/**
 * A TCP proxy: it counts what passes, breaks what a network breaks, and leads elsewhere when asked.
 * @param target a URL of Redis, or a port on 127.0.0.1
 */
export const startProxy = async (target: string | number, options: ProxyOptions = {}) => {
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
    const look = options.tap?.();
    const redis = connect(to, url.hostname);
    for (const socket of [client, redis]) sockets.add(socket.setNoDelay(true));
    const seeQuestion = (bytes: Buffer): boolean => {
      if (state === 'deaf') return false;
      if (!isAsking) trips += 1;
      isAsking = true;
      look?.(bytes);
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
  /** Resets every connection; new ones are served. */
  const resetAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    /** For REDIS_URL: the target, its user and its database, by way of this proxy. */
    url: own.href,
    /** Holds each reply back for so many milliseconds. */
    slowDown: (ms: number): void => {
      delayMs = ms;
    },
    resetAll,
    /** From now on no byte passes on any connection, and neither side hears why. */
    stall: (): void => {
      isStalled = true;
      for (const socket of sockets) dead.add(socket);
    },
    /** New connections work again; stalled ones stay dead, as after a lost route. */
    resume: (): void => {
      isStalled = false;
    },
    /** From now on: `sound`, or each connection is reset when the client sends (`deaf`), or Redis answers (`mute`). */
    become: (next: typeof state): void => {
      state = next;
    },
    /** From now on new connections go to this port; old ones stay where they are. */
    retarget: (next: number): void => {
      to = next;
    },
    /** How many connections were made. */
    dials: () => dials,
    /** How often a client sent something and was answered, handshakes included. */
    trips: () => trips,
    stop: async (): Promise<void> => {
      resetAll();
      await once(server.close(), 'close');
    },
  };
};

export type TcpProxy = Awaited<ReturnType<typeof startProxy>>;

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listenOnFreePort } from '../local/free-port.ts';

interface ProxyOptions {
  /** Called once per connection; the function it returns sees the bytes that this client sends. */
  readonly tap?: () => (bytes: Buffer) => void;
  /** Listens on this port of every address instead of a free port of 127.0.0.1. */
  readonly port?: number;
}

/**
 * A TCP proxy that counts round trips, injects network faults and can change its target.
 * @param target a Redis URL, or a port of 127.0.0.1
 */
export const startProxy = async (target: string | number, options: ProxyOptions = {}) => {
  const url = new URL(typeof target === 'string' ? target : `redis://127.0.0.1:${target}`);
  let targetPort = Number(url.port);
  let delayMs = 0;
  let resetTrigger: 'request' | 'reply' | 'never' = 'never';
  let isStalled = false;
  /** Connections up to this one were open during a stall. They stay dead, as after a lost route. */
  let lastDead = 0;
  let dials = 0;
  let trips = 0;
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    dials += 1;
    const id = dials;
    const isDead = () => isStalled || id <= lastDead;
    const redis = connect(targetPort, url.hostname);
    const pair = [client, redis];
    const reset = () => {
      for (const socket of pair) socket.resetAndDestroy();
    };
    for (const socket of pair) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        if (!isDead()) for (const each of pair) each.destroySoon();
      });
    }

    const tap = options.tap?.();
    let isAwaitingReply = false;
    client.on('data', (chunk) => {
      if (resetTrigger === 'request') return reset();
      if (!isAwaitingReply) trips += 1;
      isAwaitingReply = true;
      tap?.(chunk);
      if (!isDead()) redis.write(chunk);
    });

    // Each timer releases the oldest chunk, so a shorter delay cannot reorder them.
    const delayed: Buffer[] = [];
    const release = () => {
      const chunk = delayed.shift();
      if (chunk !== undefined && !isDead()) client.write(chunk);
    };
    redis.on('data', (chunk) => {
      isAwaitingReply = false;
      if (resetTrigger === 'reply') return reset();
      delayed.push(chunk);
      if (delayMs === 0 && delayed.length === 1) release();
      else setTimeout(release, delayMs);
    });
  });

  const port = options.port ?? (await listenOnFreePort(server));
  if (options.port !== undefined) await once(server.listen(port), 'listening');
  const ownUrl = new URL(url);
  ownUrl.host = `127.0.0.1:${port}`;
  const resetAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    /** The target's URL with this proxy as host, for REDIS_URL. */
    url: ownUrl.href,
    /** Delays each reply by `ms` milliseconds. */
    slowDown: (ms: number): void => {
      delayMs = ms;
    },
    /** Resets every connection. New ones work. */
    resetAll,
    /** Resets each connection as soon as the client sends something, or Redis replies. `never` ends the fault. */
    resetOn: (trigger: typeof resetTrigger): void => {
      resetTrigger = trigger;
    },
    /** Drops every byte on every connection, without an error on either side. */
    stall: (): void => {
      isStalled = true;
    },
    /** Ends the stall for new connections. */
    resume: (): void => {
      isStalled = false;
      lastDead = dials;
    },
    /** Sends new connections to this port. Open ones keep their target. */
    retarget: (next: number): void => {
      targetPort = next;
    },
    /** How many connections were made. */
    dials: () => dials,
    /** How many round trips were made, handshakes included. */
    trips: () => trips,
    stop: async (): Promise<void> => {
      resetAll();
      await once(server.close(), 'close');
    },
  };
};

export type TcpProxy = Awaited<ReturnType<typeof startProxy>>;

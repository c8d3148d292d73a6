import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listenOnFreePort } from '../local/free-port.ts';

/** A way to Redis that counts trips, and can break right before or right after Redis has done something. */
export interface Wire {
  /** For REDIS_URL: the same server and database as `url`. */
  readonly url: string;
  /** How often the client sent something and was answered, handshakes included. */
  readonly trips: () => number;
  /** From now on: `sound`, or each connection is reset when the client sends (`deaf`), or Redis answers (`mute`). */
  readonly become: (state: 'sound' | 'deaf' | 'mute') => void;
  readonly stop: () => Promise<void>;
}

export const startWire = async (url: string): Promise<Wire> => {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let state: 'sound' | 'deaf' | 'mute' = 'sound';
  let trips = 0;
  let isAsking = false;

  const server = createServer((client) => {
    const redis = connect(Number(target.port), target.hostname);
    const end = () => {
      client.resetAndDestroy();
      redis.resetAndDestroy();
    };
    for (const socket of [client, redis]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (chunk) => {
      if (state === 'deaf') return end();
      if (!isAsking) trips += 1;
      isAsking = true;
      redis.write(chunk);
    });
    redis.on('data', (chunk) => {
      if (state === 'mute') return end();
      isAsking = false;
      client.write(chunk);
    });
  });
  const port = await listenOnFreePort(server);
  const own = new URL(url);
  own.host = `127.0.0.1:${port}`;
  return {
    url: own.href,
    trips: () => trips,
    become: (next) => {
      state = next;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

import { once } from 'node:events';
import net from 'node:net';

/** A server that lets a connection hang this long has failed. */
const MAX_MS = 5_000;

/** Connects to the server of `url` on 127.0.0.1. The test decides every byte. */
export const dialRaw = async (url: string) => {
  // Each piece leaves when it is sent, not when the one before it is acknowledged.
  const socket = net.connect({ port: Number(new URL(url).port), host: '127.0.0.1', noDelay: true });
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (piece) => {
    text += piece;
  });
  // A reset ends the connection like any other end; what arrived before says the rest.
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await once(socket, 'connect');
  return {
    socket,
    send: (bytes: string | Uint8Array): void => void socket.write(bytes),
    /** All that has arrived, a character for each byte. */
    received: () => text,
    /** Waits until what has arrived matches, or the connection is closed. */
    until: async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(text) && !socket.closed)
        await Promise.race([once(socket, 'data').catch(() => closed), closed]);
    },
    /** Waits for the end of the connection. @returns all that has arrived */
    closed,
  };
};

/** Sends these bytes on a connection of their own. @returns all that the server sends until it closes */
export const sendRaw = async (url: string, bytes: string | Uint8Array): Promise<string> => {
  const client = await dialRaw(url);
  client.socket.setTimeout(MAX_MS, () => client.socket.destroy());
  client.send(bytes);
  return await client.closed;
};

/** The status of each answer in what has arrived. */
export const statusesIn = (received: string): number[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

/** What has arrived behind the last whole answer; an answer in chunks is none. */
export const behindAnswers = (received: string): string => {
  const head = /^HTTP\/1\.1 \d{3} [\s\S]*?\r\n\r\n/.exec(received)?.[0];
  if (head === undefined) return received;
  const end = head.length + Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1] ?? 0);
  return received.length < end ? received : behindAnswers(received.slice(end));
};

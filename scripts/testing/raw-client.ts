import { once } from 'node:events';
import net from 'node:net';

/** A connection that is idle for this long is closed, and the test fails on what is missing. */
const MAX_IDLE_MS = 5_000;

/** Opens a TCP connection to the server of `url` on 127.0.0.1, for a test that controls every byte. */
export const dialRaw = async (url: string) => {
  // Without Nagle's algorithm, each piece is sent at once.
  const socket = net.connect({ port: Number(new URL(url).port), host: '127.0.0.1', noDelay: true });
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (piece) => {
    text += piece;
  });
  // A reset counts as an end. The test checks what arrived before it.
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await once(socket, 'connect');
  return {
    socket,
    send: (bytes: string | Uint8Array): void => void socket.write(bytes),
    /** Everything received so far, one character per byte. */
    received: () => text,
    /** Waits until the received text matches, or the connection closes. */
    until: async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(text) && !socket.closed)
        await Promise.race([once(socket, 'data').catch(() => closed), closed]);
    },
    /** Resolves with everything received when the connection closes. */
    closed,
  };
};

/** Sends these bytes on a new connection. @returns everything received until the server closes it */
export const sendRaw = async (url: string, bytes: string | Uint8Array): Promise<string> => {
  const client = await dialRaw(url);
  client.socket.setTimeout(MAX_IDLE_MS, () => client.socket.destroy());
  client.send(bytes);
  return client.closed;
};

/** The status of each response in the received text. */
export const statusesIn = (received: string): number[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

/** The text after the last complete response. Chunked responses are not recognised. */
export const afterResponses = (received: string): string => {
  const head = /^HTTP\/1\.1 \d{3} [\s\S]*?\r\n\r\n/.exec(received)?.[0];
  if (head === undefined) return received;
  const end = head.length + Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1] ?? 0);
  return received.length < end ? received : afterResponses(received.slice(end));
};

import { Decoder } from '@redis/client/dist/lib/RESP/decoder.js';
import { createClient, type ErrorReply } from 'redis';

/** A RESP2 reply. An error inside a list keeps its place there. */
export type Reply = string | number | null | ErrorReply | readonly Reply[];

/** A command as it travels: the RESP form of a list of strings. */
export const encode = (args: readonly string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`;

/** Passes whole replies to `handle`, however their bytes are split. It reads commands too: each is a list of strings. */
export const replyReader = (handle: (reply: Reply) => void): ((chunk: Buffer) => void) => {
  const decoder = new Decoder({
    onReply: handle,
    onErrorReply: handle,
    onPush: () => {},
    getTypeMapping: () => ({}),
  });
  return (chunk) => decoder.write(chunk);
};

/**
 * A plain connection to Redis for tests and tools. It shares no code with `shared/redis`, which is under test. It
 * connects on the first command and again after a break, has no deadline, and keeps no idle process alive.
 * @param ca PEM of the authority to trust, for a `rediss://` URL; host names are not checked
 */
export const createRespClient = (url: string, ca?: string) => {
  const tls = ca === undefined ? {} : { tls: true as const, ca, checkServerIdentity: () => undefined };
  const client = createClient({
    url,
    RESP: 2,
    disableClientInfo: true,
    socket: { ...tls, reconnectStrategy: false },
  });
  client.on('error', () => {});
  let pending = 0;
  return {
    /** Sends one command. @throws ErrorReply when Redis answers with an error */
    send: async (...args: readonly (string | number)[]): Promise<Reply> => {
      // A failed connection rejects every command that waits for it.
      if (!client.isOpen) client.connect().catch(() => {});
      pending += 1;
      client.ref();
      try {
        return await client.sendCommand<Reply>(args.map(String));
      } finally {
        pending -= 1;
        if (pending === 0) client.unref();
      }
    },
    close: (): void => {
      if (client.isOpen) client.destroy();
    },
  };
};

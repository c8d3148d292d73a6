import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What Redis answered, in the shapes of RESP2. An error within a list stays in its place there. */
export type Reply = string | number | null | RedisError | readonly Reply[];

/** An error that Redis answered, such as `NOPERM this user has no permissions`. */
export class RedisError extends Error {
  override name = 'RedisError';
}

type Parsed = { readonly reply: Reply; readonly next: number } | undefined;

const parseList = (data: Buffer, at: number, length: number): Parsed => {
  const list: Reply[] = [];
  let next = at;
  for (let index = 0; index < length; index += 1) {
    const parsed = parseReply(data, next);
    if (parsed === undefined) return undefined;
    list.push(parsed.reply);
    next = parsed.next;
  }
  return { reply: list, next };
};

/** The reply that begins at `at`, or undefined while a part of it is still to come. */
const parseReply = (data: Buffer, at = 0): Parsed => {
  const end = data.indexOf('\r\n', at);
  if (end < 0) return undefined;
  const line = data.toString('utf8', at + 1, end);
  const next = end + 2;
  const length = Number(line);
  switch (data.toString('latin1', at, at + 1)) {
    case '+':
      return { reply: line, next };
    case '-':
      return { reply: new RedisError(line), next };
    case ':':
      return { reply: length, next };
    case '$':
      if (length < 0) return { reply: null, next };
      if (data.length < next + length + 2) return undefined;
      return { reply: data.toString('utf8', next, next + length), next: next + length + 2 };
    case '*':
      return length < 0 ? { reply: null, next } : parseList(data, next, length);
    default:
      throw new Error(`not a reply of Redis: ${line}`);
  }
};

export const encode = (args: readonly (string | number)[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(String(arg))}\r\n${arg}\r\n`).join('')}`;

/** Hands over whole replies, however their bytes arrive. A command has the form of a reply that is a list of texts. */
export const replyReader = (handle: (reply: Reply) => void): ((chunk: Buffer) => void) => {
  let data = Buffer.alloc(0);
  return (chunk) => {
    data = Buffer.concat([data, chunk]);
    for (let parsed = parseReply(data); parsed !== undefined; parsed = parseReply(data)) {
      data = data.subarray(parsed.next);
      handle(parsed.reply);
    }
  };
};

interface RespAddress {
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** The CA that signed the server's certificate, in PEM; given, the connection speaks TLS. */
  readonly ca?: string;
}

const dial = ({ port, ca }: RespAddress, onClose: () => void) => {
  const socket =
    ca === undefined
      ? connectTcp({ host: '127.0.0.1', port, noDelay: true })
      : connectTls({ host: '127.0.0.1', port, ca, checkServerIdentity: () => undefined });
  const waiting: PromiseWithResolvers<Reply>[] = [];
  let fault = new Error('the connection to Redis was closed');
  const read = replyReader((reply) => {
    const next = waiting.shift();
    if (reply instanceof RedisError) next?.reject(reply);
    else next?.resolve(reply);
  });
  socket.on('data', (chunk: Buffer) => {
    read(chunk);
    if (waiting.length === 0) socket.unref();
  });
  socket.on('error', (error) => {
    fault = error;
  });
  socket.on('close', () => {
    onClose();
    for (const { reject } of waiting.splice(0)) reject(fault);
  });
  return {
    send: (args: readonly (string | number)[]): Promise<Reply> => {
      socket.ref().write(encode(args));
      const reply = Promise.withResolvers<Reply>();
      waiting.push(reply);
      return reply.promise;
    },
    close: () => socket.destroy(),
  };
};

/**
 * A connection of the tests' own to a Redis on 127.0.0.1: it shares no code with the client that is being tested.
 * It dials at the first command and again after a break, has no deadline, and keeps no process alive while idle.
 */
export const createRespClient = (address: RespAddress) => {
  let connection: ReturnType<typeof dial> | undefined;

  const connect = () => {
    const fresh = dial(address, () => {
      if (connection === fresh) connection = undefined;
    });
    const { username, password } = address;
    // A greeting that is refused shows in the reply to the command behind it.
    if (password !== undefined) fresh.send(['AUTH', ...(username ? [username] : []), password]).catch(() => {});
    return fresh;
  };

  return {
    /** Sends one command. Commands of one tick travel together. @throws RedisError for an error reply */
    send: (...args: readonly (string | number)[]): Promise<Reply> => {
      connection ??= connect();
      return connection.send(args);
    },
    close: (): void => {
      connection?.close();
      connection = undefined;
    },
  };
};

/** The same for a `redis://` URL on 127.0.0.1. */
export const respClientOf = (url: string) => {
  const { port, username, password } = new URL(url);
  return createRespClient({
    port: Number(port),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  });
};

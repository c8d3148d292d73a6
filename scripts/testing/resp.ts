import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What Redis answered, in the shapes of RESP2. An error within a list stays in its place there. */
export type Reply = string | number | null | RedisError | readonly Reply[];

/** An error that Redis answered, such as `NOPERM this user has no permissions`. */
export class RedisError extends Error {
  override name = 'RedisError';
}

interface Parsed {
  readonly reply: Reply;
  readonly next: number;
}

const parseList = (data: Buffer, at: number, length: number): Parsed | undefined => {
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
export const parseReply = (data: Buffer, at = 0): Parsed | undefined => {
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

const encode = (args: readonly (string | number)[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(String(arg))}\r\n${arg}\r\n`).join('')}`;

export interface RespAddress {
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly database?: number;
  /** The CA that signed the server's certificate, in PEM; given, the connection speaks TLS. */
  readonly ca?: string;
}

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

interface Connection {
  readonly socket: Socket;
  readonly waiting: Waiting[];
}

const open = ({ port, ca }: RespAddress): Socket =>
  ca === undefined
    ? connectTcp({ host: '127.0.0.1', port, noDelay: true })
    : connectTls({ host: '127.0.0.1', port, ca, checkServerIdentity: () => undefined });

const dial = (address: RespAddress, onClose: () => void): Connection => {
  const socket = open(address);
  const waiting: Waiting[] = [];
  let data = Buffer.alloc(0);
  let fault = new Error('the connection to Redis was closed');
  socket.on('data', (chunk: Buffer) => {
    data = Buffer.concat([data, chunk]);
    for (let parsed = parseReply(data); parsed !== undefined; parsed = parseReply(data)) {
      data = data.subarray(parsed.next);
      const next = waiting.shift();
      if (parsed.reply instanceof RedisError) next?.reject(parsed.reply);
      else next?.resolve(parsed.reply);
    }
    if (waiting.length === 0) socket.unref();
  });
  socket.on('error', (error) => {
    fault = error;
  });
  socket.on('close', () => {
    onClose();
    for (const { reject } of waiting.splice(0)) reject(fault);
  });
  return { socket, waiting };
};

const write = ({ socket, waiting }: Connection, args: readonly (string | number)[]): Promise<Reply> => {
  socket.ref();
  return new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    socket.write(encode(args));
  });
};

/**
 * A connection of the tests' own to a Redis on 127.0.0.1: it shares no code with the client that is being tested.
 * It dials at the first command and again after a break, has no deadline, and keeps no process alive while idle.
 */
export const createRespClient = (address: RespAddress) => {
  let connection: Connection | undefined;

  const connect = (): Connection => {
    const fresh = dial(address, () => {
      if (connection === fresh) connection = undefined;
    });
    const { username, password, database } = address;
    const greeting = [
      ...(password === undefined ? [] : [['AUTH', ...(username === undefined ? [] : [username]), password]]),
      ...(database === undefined ? [] : [['SELECT', database]]),
    ];
    // A greeting that is refused shows in the reply to the command behind it.
    for (const command of greeting) write(fresh, command).catch(() => {});
    return fresh;
  };

  return {
    /** Sends one command. Commands of one tick travel together. @throws RedisError for an error reply */
    send: (...args: readonly (string | number)[]): Promise<Reply> => {
      connection ??= connect();
      return write(connection, args);
    },
    close: (): void => {
      connection?.socket.destroy();
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

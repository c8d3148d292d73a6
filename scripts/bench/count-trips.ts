import { connect, createServer } from 'node:net';
import { listenOnFreePort } from '../local/free-port.ts';

/** What went to Redis while somebody watched. */
export interface Traffic {
  /** Each with its arguments. */
  readonly commands: string[][];
  /** How often something was sent after the replies so far. */
  trips: number;
}

/** Reads whole commands off the front of `bytes`; answers them and the rest. */
const readCommands = (bytes: Buffer): { commands: string[][]; rest: Buffer } => {
  const commands: string[][] = [];
  let at = 0;
  const line = () => {
    const end = bytes.indexOf('\r\n', at);
    const text = end < 0 ? undefined : bytes.toString('latin1', at + 1, end);
    at = end + 2;
    return text;
  };
  let rest = 0;
  for (;;) {
    const count = line();
    if (count === undefined) break;
    const command: string[] = [];
    while (command.length < Number(count)) {
      const length = Number(line() ?? Number.NaN);
      if (!(at + length + 2 <= bytes.length)) return { commands, rest: bytes.subarray(rest) };
      command.push(bytes.toString('utf8', at, at + length));
      at += length + 2;
    }
    commands.push(command);
    rest = at;
  }
  return { commands, rest: bytes.subarray(rest) };
};

/** A door to Redis that counts what passes, so that the figures do not depend on what the server is allowed to tell. */
export const watchWire = async (redisPort: number) => {
  const traffic: Traffic = { commands: [], trips: 0 };
  const server = createServer((socket) => {
    const redis = connect(redisPort, '127.0.0.1');
    let waiting = Buffer.alloc(0);
    let isReplied = true;
    socket.on('data', (chunk) => {
      const { commands, rest } = readCommands(Buffer.concat([waiting, chunk]));
      waiting = Buffer.from(rest);
      traffic.commands.push(...commands);
      if (isReplied) traffic.trips += 1;
      isReplied = false;
      redis.write(chunk);
    });
    redis.on('data', (chunk) => {
      isReplied = true;
      socket.write(chunk);
    });
    for (const [side, other] of [[socket, redis] as const, [redis, socket] as const]) {
      side.on('error', () => {});
      side.on('close', () => other.destroy());
    }
  });
  const port = await listenOnFreePort(server);
  return {
    port,
    /** What passes while `work` runs. */
    during: async (work: () => Promise<unknown>): Promise<Traffic> => {
      traffic.commands.length = 0;
      traffic.trips = 0;
      await work();
      return { commands: [...traffic.commands], trips: traffic.trips };
    },
    stop: () => server.close(),
  };
};

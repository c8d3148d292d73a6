import { once } from 'node:events';
import { createServer as createHttpServer, Server as HttpServer, type RequestListener } from 'node:http';
import { createServer, type Server } from 'node:net';

const listen = async (server: Server, port: number, host = '127.0.0.1'): Promise<number> => {
  await once(server.listen(port, host), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a TCP port.');
  return address.port;
};

/** Listens on a free port of 127.0.0.1. @returns the port */
export const listenOnFreePort = (server: Server): Promise<number> => listen(server, 0);

/** Serves HTTP until `stop`, which also closes open connections. @param port a free one by default */
export const serveHttp = async (given: RequestListener | HttpServer, port = 0, host = '127.0.0.1') => {
  const server = given instanceof HttpServer ? given : createHttpServer(given);
  return {
    url: `http://${host}:${await listen(server, port, host)}`,
    stop: async (): Promise<void> => {
      const closed = once(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
  };
};

/** Below the range that systems use for outgoing connections, so that none of them takes the port first. */
const FIRST = 20_000;
const COUNT = 12_000;
/** Concurrent processes start at different ports. */
let offset = process.pid * 97;

/** A port on 127.0.0.1 that was free a moment ago and that this process has not used recently. */
export const freePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < COUNT; attempt += 1) {
    offset += 1;
    const server = createServer();
    try {
      const port = await listen(server, FIRST + (offset % COUNT));
      await once(server.close(), 'close');
      return port;
    } catch {
      // In use: try the next one.
    }
  }
  throw new Error(`All ports from ${FIRST} to ${FIRST + COUNT - 1} are in use.`);
};

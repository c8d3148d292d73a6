import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Address } from '../../shared/redis/single-client.ts';
import { verifyIdentity } from '../../shared/redis/tls.ts';
import { withDeadline } from '../../shared/timing.ts';
import { parseReply, type Reply } from '../testing/resp.ts';

/** Long enough for any network that works; a lost packet is sent again within it. */
const TIMEOUT_MS = 3_000;

const opened = async (socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> => {
  socket.setNoDelay(true);
  try {
    await withDeadline(once(socket, event), TIMEOUT_MS, 'the dial');
    socket.on('error', () => {});
    return socket;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
};

export const openTcp = (address: Address): Promise<Socket> => opened(connectTcp(address), 'connect');

/** Over TLS, verified as the functions do it. */
export const openTls = ({ host, port }: Address, ca: string | undefined): Promise<Socket> => {
  const trust = ca === undefined ? {} : { ca };
  const checkServerIdentity = (_: string, certificate: Parameters<typeof verifyIdentity>[1]) =>
    verifyIdentity(host, certificate);
  return opened(connectTls({ host, port, checkServerIdentity, ...trust }), 'secureConnect');
};

/** Sends one command and waits for its reply; an error reply is a reply too. @throws Error when there is none */
export const ask = (socket: Socket, ...args: readonly string[]): Promise<Reply> => {
  const reply = new Promise<Reply>((resolve, reject) => {
    let data = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      data = Buffer.concat([data, chunk]);
      try {
        const parsed = parseReply(data);
        if (parsed === undefined) return;
        socket.off('data', read);
        resolve(parsed.reply);
      } catch (error) {
        reject(error);
      }
    };
    socket.on('data', read);
    socket.once('close', () => reject(new Error('the connection was closed')));
  });
  socket.write(`*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`);
  return withDeadline(reply, TIMEOUT_MS, 'the reply');
};

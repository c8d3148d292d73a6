import { on, once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Address } from '../../shared/redis/single-client.ts';
import { verifyIdentity } from '../../shared/redis/single-client.ts';
import { withDeadline } from '../../shared/timing.ts';
import { encode, type Reply, replyReader } from '../testing/resp.ts';

/** Long enough for any network that works; a lost packet is sent again within it. */
const TIMEOUT_MS = 3_000;

const opened = async (socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> => {
  socket.setNoDelay(true).on('error', () => {});
  try {
    await withDeadline(once(socket, event), TIMEOUT_MS, 'the dial');
    return socket;
  } catch (error) {
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
  const receive = async (chunks: ReturnType<typeof on>): Promise<Reply> => {
    const replies: Reply[] = [];
    const read = replyReader((reply) => replies.push(reply));
    for await (const [chunk] of chunks) {
      read(chunk);
      if (replies[0] !== undefined) return replies[0];
    }
    throw new Error('the connection was closed');
  };
  const reply = receive(on(socket, 'data', { close: ['close'] }));
  socket.write(encode(args));
  return withDeadline(reply, TIMEOUT_MS, 'the reply');
};

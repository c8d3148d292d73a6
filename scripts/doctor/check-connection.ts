import { on, once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ErrorReply } from 'redis';
import type { RedisSettings } from '../../shared/config/config.ts';
import type { Credentials } from '../../shared/redis/credentials.ts';
import { isCertificateRefused } from '../../shared/redis/errors.ts';
import { socketOptions } from '../../shared/redis/single-client.ts';
import { withDeadline } from '../../shared/timing.ts';
import { encode, type Reply, replyReader } from '../testing/resp.ts';
import { type Finding, fault, ok } from './finding.ts';

/** Long enough for any working network, including the retransmission of a lost packet. */
const TIMEOUT_MS = 3_000;

const opened = async (socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> => {
  socket.setNoDelay(true).on('error', () => {});
  try {
    await withDeadline(once(socket, event), TIMEOUT_MS, 'connecting');
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
};

/** Verifies the certificate the way the functions do. */
const openTls = (redis: RedisSettings, credentials: Credentials): Promise<Socket> =>
  opened(connectTls(socketOptions(redis, credentials)), 'secureConnect');

const receive = async (socket: Socket): Promise<Reply> => {
  const replies: Reply[] = [];
  const read = replyReader((reply) => replies.push(reply));
  for await (const [chunk] of on(socket, 'data', { close: ['close'] })) {
    read(chunk);
    if (replies[0] !== undefined) return replies[0];
  }
  throw new Error('the connection was closed');
};

/** Sends one command. An error reply is returned like any other. @throws Error when no reply comes */
export const ask = (socket: Socket, ...args: readonly string[]): Promise<Reply> => {
  const reply = receive(socket);
  socket.write(encode(args));
  return withDeadline(reply, TIMEOUT_MS, 'the reply');
};

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');

const unreachable = (at: string, error: unknown): Finding => {
  switch (codeOf(error)) {
    case 'ENOTFOUND':
      return fault(`There is no host named ${at}`, 'Set REDISHOST to the address that Memorystore shows.');
    case 'EAI_AGAIN':
      return fault(`The name of ${at} cannot be resolved`, 'Set REDISHOST to an IP address, or repair DNS.');
    case 'ECONNREFUSED':
      return fault(
        `Nothing listens at ${at}`,
        'Check that the instance is running, and REDISHOST and REDISPORT: Memorystore uses port 6379, or 6378 with TLS.',
      );
    default:
      return fault(
        `No route to ${at}: the connection attempt timed out`,
        'A private address is reachable only inside its VPC: give the functions a connector or Direct VPC egress in the network and region of Redis. From a laptop, go through a VM in that network.',
      );
  }
};

const tlsFailed = ({ host }: RedisSettings, error: unknown): Finding => {
  const code = codeOf(error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return fault(
      `The certificate is not for ${host}`,
      'Set REDISHOST to the address in the certificate: Memorystore’s IP, not a DNS name.',
    );
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return fault('The certificate has expired', 'Put the instance’s current CA certificates into the secret.');
  }
  return isCertificateRefused(error)
    ? fault(
        'The certificate was signed by an untrusted CA',
        'Put all of the instance’s CA certificates (serverCaCerts) into REDIS_CA or its secret. terraform apply does that.',
      )
    : fault('TLS is set, but the server does not use it', 'Remove REDIS_TLS, or enable TLS in Memorystore.');
};

const plainFailed = async (redis: RedisSettings, credentials: Credentials): Promise<Finding> => {
  // A server that uses TLS shows a certificate, trusted or not. Any other server ends the handshake.
  const usesTls = await openTls(redis, credentials).then((socket) => socket.destroy(), isCertificateRefused);
  return usesTls
    ? fault(
        'The server uses TLS, but TLS is not set',
        'Set REDIS_TLS=true and the CA in REDIS_CA or REDIS_CA_SECRET. Memorystore then uses port 6378.',
      )
    : fault('Something answers, but it is not Redis', 'Compare REDISHOST and REDISPORT with the instance.');
};

const signIn = async (socket: Socket, { username, password }: Credentials): Promise<Finding> => {
  if (password !== undefined) {
    const reply = await ask(socket, 'AUTH', ...(username === undefined ? [password] : [username, password]));
    if (reply instanceof ErrorReply) {
      return reply.message.startsWith('WRONGPASS')
        ? fault(
            'Redis refuses the password',
            'If AUTH was rotated, put the current string into the secret. terraform apply does that.',
          )
        : fault('A password is set, but Redis has none', 'Remove the password, or enable AUTH in Memorystore.');
    }
  }
  const reply = await ask(socket, 'PING');
  if (!(reply instanceof ErrorReply)) return ok('The functions can log in');
  return reply.message.startsWith('NOAUTH')
    ? fault('Redis needs a password, and none is set', 'Set REDIS_PASSWORD_SECRET (or REDISPASS) to its AUTH string.')
    : fault(`Redis answers PING with ${reply.message}`, 'Wait until it has loaded its data, or read its log.');
};

/** Connects step by step, as far as it can. @returns the connection when every step worked */
export async function* connectStepByStep(
  redis: RedisSettings,
  credentials: Credentials,
): AsyncGenerator<Finding, Socket | undefined> {
  const at = `${redis.host}:${redis.port}`;
  let socket: Socket;
  try {
    socket = await opened(connectTcp({ host: redis.host, port: redis.port }), 'connect');
    yield ok(`${at} can be reached`);
  } catch (error) {
    yield unreachable(at, error);
    return;
  }
  try {
    if (redis.tls) {
      socket.destroy();
      socket = await openTls(redis, credentials);
    } else await ask(socket, 'PING');
    yield ok(redis.tls ? 'TLS: the certificate is trusted and is for this host' : 'No TLS, as the server expects');
  } catch (error) {
    socket.destroy();
    yield redis.tls ? tlsFailed(redis, error) : await plainFailed(redis, credentials);
    return;
  }
  const finding = await signIn(socket, credentials);
  yield finding;
  if (finding.level === 'ok') return socket;
  socket.destroy();
}

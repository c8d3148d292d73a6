import type { Socket } from 'node:net';
import { ErrorReply } from 'redis';
import type { Config } from '../../shared/config/config.ts';
import type { Credentials } from '../../shared/redis/credentials.ts';
import { isCertificateRefused } from '../../shared/redis/errors.ts';
import { ask, openTcp, openTls } from './check-connection.ts';
import { type Finding, fault, ok } from './finding.ts';

type Redis = Config['redis'];

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');

const unreached = (at: string, error: unknown): Finding => {
  switch (codeOf(error)) {
    case 'ENOTFOUND':
      return fault(`There is no host named ${at}`, 'Set REDISHOST to the address that Memorystore shows.');
    case 'EAI_AGAIN':
      return fault(`The name of ${at} cannot be resolved`, 'Set REDISHOST to an address, or repair DNS.');
    case 'ECONNREFUSED':
      return fault(
        `Nothing listens at ${at}`,
        'Check REDISHOST and REDISPORT: Memorystore listens on 6379, with TLS on 6378. Is the instance running?',
      );
    default:
      return fault(
        `No route to ${at}: the connection attempt got no answer`,
        'A private address answers only inside its VPC: give the functions a connector or Direct VPC egress in the network and region of Redis. From a laptop, go through a VM in that network.',
      );
  }
};

const notSecured = ({ host }: Redis, error: unknown): Finding => {
  const code = codeOf(error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return fault(
      `The certificate is not for ${host}`,
      'Set REDISHOST to the address in the certificate: Memorystore’s IP, not a name of your own.',
    );
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return fault('The certificate has expired', 'Put the instance’s current CA list into the secret.');
  }
  return isCertificateRefused(error)
    ? fault(
        'An authority that is not trusted signed the certificate',
        'Put all of the instance’s CAs (serverCaCerts) into REDIS_CA or its secret. terraform apply does that.',
      )
    : fault('TLS is set, but the server does not speak it', 'Leave REDIS_TLS out, or enable TLS in Memorystore.');
};

/** A server that speaks TLS shows a certificate, trusted or not. Any other server ends the handshake. */
const speaksTls = async (redis: Redis): Promise<boolean> => {
  try {
    (await openTls(redis, undefined)).destroy();
    return true;
  } catch (error) {
    return isCertificateRefused(error);
  }
};

const notPlain = async (redis: Redis): Promise<Finding> =>
  (await speaksTls(redis))
    ? fault(
        'The server speaks TLS, but TLS is not set',
        'Set REDIS_TLS=true and the CA in REDIS_CA or REDIS_CA_SECRET. Memorystore’s port is then 6378.',
      )
    : fault('Something answers, but it is not Redis', 'Check REDISHOST and REDISPORT against the instance.');

const signIn = async (socket: Socket, { username, password }: Credentials): Promise<Finding> => {
  if (password !== undefined) {
    const reply = await ask(socket, 'AUTH', ...(username === undefined ? [password] : [username, password]));
    if (reply instanceof ErrorReply) {
      return reply.message.startsWith('WRONGPASS')
        ? fault(
            'Redis refuses the password',
            'Was AUTH rotated? Put the current string into the secret. terraform apply does that.',
          )
        : fault('A password is set, but Redis has none', 'Remove the password, or enable AUTH in Memorystore.');
    }
  }
  const reply = await ask(socket, 'PING');
  if (!(reply instanceof ErrorReply)) return ok('The functions can log in');
  return reply.message.startsWith('NOAUTH')
    ? fault('Redis needs a password, and none is set', 'Set REDIS_PASSWORD_SECRET (or REDISPASS) to its AUTH string.')
    : fault(`Redis answers PING with ${reply.message}`, 'Wait until it has loaded, or look at its log.');
};

/** Goes from the address to the first command, as far as it gets. @returns the connection when all is well */
export async function* dialStepByStep(
  redis: Redis,
  credentials: Credentials,
): AsyncGenerator<Finding, Socket | undefined> {
  const at = `${redis.host}:${redis.port}`;
  let socket: Socket;
  try {
    socket = await openTcp(redis);
    yield ok(`${at} can be reached`);
  } catch (error) {
    yield unreached(at, error);
    return;
  }
  try {
    if (redis.tls) {
      socket.destroy();
      socket = await openTls(redis, credentials.ca);
    } else await ask(socket, 'PING');
    yield ok(redis.tls ? 'TLS: the certificate is trusted and names this host' : 'No TLS, as the server expects');
  } catch (error) {
    socket.destroy();
    yield redis.tls ? notSecured(redis, error) : await notPlain(redis);
    return;
  }
  const finding = await signIn(socket, credentials);
  yield finding;
  if (finding.level === 'ok') return socket;
  socket.destroy();
}

import type { Socket } from 'node:net';
import type { Config } from '../../shared/config/config.ts';
import type { Credentials } from '../../shared/redis/credentials.ts';
import { isCertificateRefused } from '../../shared/redis/tls.ts';
import { RedisError } from '../testing/resp.ts';
import { ask, openTcp, openTls } from './check-connection.ts';
import { codeOf, type Finding, fault, ok } from './finding.ts';

type Redis = Config['redis'];

/** A finding, and the connection for the next step when there is one. */
interface Step {
  readonly finding: Finding;
  readonly socket?: Socket;
}

const UNREACHED: Readonly<Record<string, (at: string) => Finding>> = {
  ENOTFOUND: (at) => fault(`There is no host named ${at}`, 'Set REDISHOST to the address that Memorystore shows.'),
  EAI_AGAIN: (at) => fault(`The name of ${at} cannot be resolved`, 'Set REDISHOST to an address, or repair DNS.'),
  ECONNREFUSED: (at) =>
    fault(
      `Nothing listens at ${at}`,
      'Check REDISHOST and REDISPORT: Memorystore listens on 6379, with TLS on 6378. Is the instance running?',
    ),
};

const noRoute = (at: string): Finding =>
  fault(
    `No route to ${at}: the connection attempt got no answer`,
    'A private address answers only inside its VPC: give the functions a connector or Direct VPC egress in the network and region of Redis. From a laptop, go through a VM in that network.',
  );

const reach = async (redis: Redis): Promise<Step> => {
  const at = `${redis.host}:${redis.port}`;
  try {
    return { finding: ok(`${at} can be reached`), socket: await openTcp(redis) };
  } catch (error) {
    return { finding: (UNREACHED[codeOf(error)] ?? noRoute)(at) };
  }
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

const secure = async (redis: Redis, ca: string | undefined): Promise<Step> => {
  try {
    return { finding: ok('TLS: the certificate is trusted and names this host'), socket: await openTls(redis, ca) };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
      return {
        finding: fault(
          `The certificate is not for ${redis.host}`,
          'Set REDISHOST to the address in the certificate: Memorystore’s IP, not a name of your own.',
        ),
      };
    }
    if (code === 'CERT_HAS_EXPIRED') {
      return { finding: fault('The certificate has expired', 'Put the instance’s current CA list into the secret.') };
    }
    if (isCertificateRefused(error)) {
      return {
        finding: fault(
          'An authority that is not trusted signed the certificate',
          'Put all of the instance’s CAs (serverCaCerts) into REDIS_CA or its secret. terraform apply does that.',
        ),
      };
    }
    return {
      finding: fault(
        'TLS is set, but the server does not speak it',
        'Leave REDIS_TLS out, or enable TLS in Memorystore.',
      ),
    };
  }
};

const plain = async (redis: Redis, socket: Socket): Promise<Step> => {
  try {
    await ask(socket, 'PING');
    return { finding: ok('No TLS, as the server expects'), socket };
  } catch {
    socket.destroy();
    if (await speaksTls(redis)) {
      return {
        finding: fault(
          'The server speaks TLS, but TLS is not set',
          'Set REDIS_TLS=true and the CA in REDIS_CA or REDIS_CA_SECRET. Memorystore’s port is then 6378.',
        ),
      };
    }
    return {
      finding: fault('Something answers, but it is not Redis', 'Check REDISHOST and REDISPORT against the instance.'),
    };
  }
};

const signIn = async (socket: Socket, { username, password }: Credentials): Promise<Finding> => {
  if (password !== undefined) {
    const reply = await ask(socket, 'AUTH', ...(username === undefined ? [password] : [username, password]));
    if (reply instanceof RedisError) {
      return reply.message.startsWith('WRONGPASS')
        ? fault(
            'Redis refuses the password',
            'Was AUTH rotated? Put the current string into the secret. terraform apply does that.',
          )
        : fault('A password is set, but Redis has none', 'Remove the password, or enable AUTH in Memorystore.');
    }
  }
  const reply = await ask(socket, 'PING');
  if (!(reply instanceof RedisError)) return ok('The functions can log in');
  return reply.message.startsWith('NOAUTH')
    ? fault('Redis needs a password, and none is set', 'Set REDIS_PASSWORD_SECRET (or REDISPASS) to its AUTH string.')
    : fault(`Redis answers PING with ${reply.message}`, 'Wait until it has loaded, or look at its log.');
};

/** Goes from the address to the first command, as far as it gets. When all is well the last finding has the connection. */
export async function* dialStepByStep(redis: Redis, credentials: Credentials): AsyncGenerator<Step> {
  const reached = await reach(redis);
  yield { finding: reached.finding };
  if (reached.socket === undefined) return;
  if (redis.tls) reached.socket.destroy();
  const spoken = redis.tls ? await secure(redis, credentials.ca) : await plain(redis, reached.socket);
  yield { finding: spoken.finding };
  if (spoken.socket === undefined) return;
  const finding = await signIn(spoken.socket, credentials);
  if (finding.level !== 'ok') spoken.socket.destroy();
  yield finding.level === 'ok' ? { finding, socket: spoken.socket } : { finding };
}

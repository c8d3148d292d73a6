import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createClient, ErrorReply } from 'redis';
import type { RedisSettings } from '../../shared/config/config.ts';
import type { Credentials } from '../../shared/redis/credentials.ts';
import { isCertificateRefused } from '../../shared/redis/errors.ts';
import { clientOptions, socketOptions } from '../../shared/redis/single-client.ts';
import { withDeadline } from '../../shared/timing.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** Long enough for any working network, including the retransmission of a lost packet. */
const TIMEOUT_MS = 3_000;

/** Waits until the socket is connected, then closes it. @throws Error when it cannot connect */
const probe = async (socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> => {
  try {
    await withDeadline(once(socket, event), TIMEOUT_MS, 'connecting');
  } finally {
    socket.on('error', () => {}).destroy();
  }
};

/** Logs in with the functions' own options. @returns the text of INFO, or Redis's refusal @throws Error when the connection fails */
const readInfo = async (redis: RedisSettings, credentials: Credentials): Promise<string | ErrorReply> => {
  const socket = {
    ...socketOptions(redis, credentials),
    connectTimeout: TIMEOUT_MS,
    reconnectStrategy: false as const,
  };
  const client = createClient({ ...clientOptions(credentials), socket });
  client.on('error', () => {});
  const read = async () => {
    await client.connect();
    await client.ping();
    return client.info();
  };
  try {
    return await withDeadline(read(), TIMEOUT_MS, 'logging in');
  } catch (error) {
    if (error instanceof ErrorReply) return error;
    throw error;
  } finally {
    if (client.isOpen) client.destroy();
  }
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

const plainFailed = async (redis: RedisSettings): Promise<Finding> => {
  // A server that uses TLS shows a certificate, trusted or not. Any other server ends the handshake.
  const { host, port } = redis;
  const usesTls = await probe(connectTls({ host, port }), 'secureConnect').then(() => true, isCertificateRefused);
  return usesTls
    ? fault(
        'The server uses TLS, but TLS is not set',
        'Set REDIS_TLS=true and the CA in REDIS_CA or REDIS_CA_SECRET. Memorystore then uses port 6378.',
      )
    : fault('Something answers, but it is not Redis', 'Compare REDISHOST and REDISPORT with the instance.');
};

const loginFailed = ({ message }: ErrorReply): Finding => {
  if (message.startsWith('WRONGPASS')) {
    return fault(
      'Redis refuses the password',
      'If AUTH was rotated, put the current string into the secret. terraform apply does that.',
    );
  }
  return message.startsWith('NOAUTH')
    ? fault('Redis needs a password, and none is set', 'Set REDIS_PASSWORD_SECRET (or REDISPASS) to its AUTH string.')
    : fault(`Redis refuses commands: ${message}`, 'Wait until it has loaded its data, or read its log.');
};

/** Connects step by step, as far as it can. @returns the text of INFO when every step worked */
export async function* connectionFindings(
  redis: RedisSettings,
  credentials: Credentials,
): AsyncGenerator<Finding, string | undefined> {
  const at = `${redis.host}:${redis.port}`;
  try {
    await probe(connectTcp({ host: redis.host, port: redis.port }), 'connect');
    yield ok(`${at} can be reached`);
  } catch (error) {
    yield unreachable(at, error);
    return;
  }
  let info: string | ErrorReply;
  try {
    info = await readInfo(redis, credentials);
    yield ok(redis.tls ? 'TLS: the certificate is trusted and is for this host' : 'No TLS, as the server expects');
  } catch (error) {
    yield redis.tls ? tlsFailed(redis, error) : await plainFailed(redis);
    return;
  }
  if (info instanceof ErrorReply) {
    yield loginFailed(info);
    return;
  }
  const anonymous = { ...credentials, username: undefined, password: undefined };
  const isOpen = credentials.password !== undefined && typeof (await readInfo(redis, anonymous)) === 'string';
  yield isOpen
    ? warning(
        'A password is set, but Redis accepts clients without one',
        'Enable AUTH in Memorystore, or remove the password.',
      )
    : ok('The functions can log in');
  return info;
}

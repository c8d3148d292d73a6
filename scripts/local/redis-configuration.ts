import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerCertificate } from '../testing/certificates.ts';
import type { RedisBinary } from './redis-binary.ts';

export interface RedisOptions {
  /** A free one unless given. */
  readonly port?: number;
  /** What clients must say; nothing unless given. As on Memorystore it goes without a user name. */
  readonly password?: string;
  /** ACL rules of clients; what Memorystore allows unless given. `~* &* +@all` is a plain Redis. */
  readonly acl?: string;
  /** TLS and nothing else: with a certificate of its own for 127.0.0.1, or with the one given. */
  readonly tls?: true | ServerCertificate;
  /** Lines of redis.conf by name: `{ maxmemory: '2mb' }`. */
  readonly config?: Readonly<Record<string, string | number>>;
  /** A folder that stays after the end, to start again from; else one that goes with the server. */
  readonly dir?: string;
  /** A random one unless given. Servers that replicate one another need the same. */
  readonly adminPassword?: string;
}

/**
 * Commands that Memorystore for Redis refuses, and KEYS, which it allows and which blocks a server.
 * Source: Google's "Product constraints" and "Blocked commands" of Memorystore for Redis.
 */
export const REFUSED_COMMANDS = [
  'acl',
  'bgrewriteaof',
  'bgsave',
  'client',
  'cluster',
  'command',
  'config',
  'debug',
  'failover',
  'keys',
  'lastsave',
  'migrate',
  'module',
  'monitor',
  'object',
  'psync',
  'replicaof',
  'save',
  'shutdown',
  'slaveof',
  'spublish',
  'ssubscribe',
  'sunsubscribe',
  'sync',
] as const;

/** A server before version 7 does not know these, and refuses rules that name them. */
const SINCE_REDIS_7: readonly string[] = ['failover', 'spublish', 'ssubscribe', 'sunsubscribe'];

/** ACL rules of a user who may do everything. Channels can be named in rules since version 7, and are free before. */
const allRights = (majorVersion: number): string => (majorVersion < 7 ? '~* +@all' : '~* &* +@all');

/** ACL rules of a user who may do what Memorystore allows. On a cluster a client must be able to ask for the slots. */
const memorystoreRules = (majorVersion: number, cluster = false): string =>
  [
    allRights(majorVersion),
    ...REFUSED_COMMANDS.filter((name) => majorVersion >= 7 || !SINCE_REDIS_7.includes(name)).map((name) => `-${name}`),
    ...(cluster ? ['+cluster|slots', '+cluster|shards', '+cluster|nodes', '+cluster|info'] : []),
  ].join(' ');

/** The user with all rights, beside the one that clients are. */
export const ADMIN = 'admin';

type Certain = 'port' | 'dir' | 'adminPassword';
/** `isOwnDir`: the folder goes with the server. */
export type Plan = Omit<RedisOptions, 'tls'> &
  Required<Pick<RedisOptions, Certain>> & { readonly tls: ServerCertificate | undefined; readonly isOwnDir: boolean };

export const ownCertificate = async (): Promise<ServerCertificate> => {
  // Loaded only here: most servers speak no TLS, and the library takes its time.
  const { createAuthority } = await import('../testing/certificates.ts');
  const authority = await createAuthority('Throw-away authority');
  return authority.issue(['127.0.0.1', 'localhost']);
};

const listening = async ({ port, dir, tls }: Plan): Promise<readonly string[]> => {
  if (tls === undefined) return [`port ${port}`];
  const lines = ['port 0', `tls-port ${port}`, 'tls-auth-clients no', 'tls-replication yes'];
  const files = { 'tls-cert-file': tls.certificate, 'tls-key-file': tls.key, 'tls-ca-cert-file': tls.ca };
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, `${name}.pem`);
    await writeFile(path, text, { mode: 0o600 });
    lines.push(`${name} "${path}"`);
  }
  return lines;
};

/** The text of redis.conf. */
export const configure = async (plan: Plan, binary: RedisBinary): Promise<string> => {
  const { dir, password, config = {}, adminPassword } = plan;
  const isCluster = config['cluster-enabled'] === 'yes';
  return [
    `bind ${binary.bind}`,
    ...(await listening(plan)),
    'protected-mode no',
    'save ""',
    // Replicas are in step at once instead of after five seconds.
    'repl-diskless-sync-delay 0',
    `dir "${dir}"`,
    `user default reset on ${password === undefined ? 'nopass' : `>${password}`} ${plan.acl ?? memorystoreRules(binary.majorVersion, isCluster)}`,
    `user ${ADMIN} reset on >${adminPassword} ${allRights(binary.majorVersion)}`,
    `masteruser ${ADMIN}`,
    `masterauth ${adminPassword}`,
    ...Object.entries(config).map(([name, value]) => `${name} ${value}`),
    '',
  ].join('\n');
};

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerCertificate } from '../testing/certificates.ts';
import type { RedisBinary } from './redis-binary.ts';

export interface RedisOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Default: none. As on Memorystore, clients send no user name with it. */
  readonly password?: string;
  /** ACL rules for clients. Default: what Memorystore allows. `~* &* +@all` allows everything. */
  readonly acl?: string;
  /** TLS only, with this certificate or with a new one for 127.0.0.1. */
  readonly tls?: true | ServerCertificate;
  /** Lines of redis.conf by name: `{ maxmemory: '2mb' }`. */
  readonly config?: Readonly<Record<string, string | number>>;
  /** A data folder that is kept. Default: a temporary one. */
  readonly dir?: string;
  /** Default: a random one. Servers that replicate each other need the same. */
  readonly adminPassword?: string;
}

/** The options with their defaults filled in. */
export interface Plan extends Omit<RedisOptions, 'tls'> {
  readonly port: number;
  readonly tls: ServerCertificate | undefined;
  readonly dir: string;
  readonly isOwnDir: boolean;
  readonly adminPassword: string;
}

/**
 * The commands that Memorystore for Redis refuses, and KEYS, which it allows but which blocks a server.
 * Source: Google's "Product constraints" and "Blocked commands" of Memorystore for Redis.
 */
export const REFUSED_COMMANDS = (
  'acl bgrewriteaof bgsave client cluster command config debug failover keys lastsave migrate module monitor object ' +
  'psync replicaof save shutdown slaveof spublish ssubscribe sunsubscribe sync'
).split(' ');

/** Redis 6 does not know these and rejects ACL rules that name them. */
const SINCE_REDIS_7 = ['failover', 'spublish', 'ssubscribe', 'sunsubscribe'];

/** Rules for channels came with version 7; before that, every user may use every channel. */
const allRights = (majorVersion: number): string => (majorVersion < 7 ? '~* +@all' : '~* &* +@all');

/** ACL rules for what Memorystore allows. Clients of a cluster must be able to read its slots. */
const memorystoreRules = (majorVersion: number, isCluster: boolean): string => {
  const refused = REFUSED_COMMANDS.filter((name) => majorVersion >= 7 || !SINCE_REDIS_7.includes(name));
  const slots = isCluster ? ['+cluster|slots', '+cluster|shards', '+cluster|nodes', '+cluster|info'] : [];
  return [allRights(majorVersion), ...refused.map((name) => `-${name}`), ...slots].join(' ');
};

/** The user with all rights, besides the one for clients. */
export const ADMIN = 'admin';

export const ownCertificate = async (): Promise<ServerCertificate> => {
  // Imported on demand: most servers do not use TLS, and the library is slow to load.
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
export const configure = async (plan: Plan, { bind, majorVersion }: RedisBinary): Promise<string> => {
  const { dir, password, config = {}, adminPassword } = plan;
  const login = password === undefined ? 'nopass' : `>${password}`;
  const rules = plan.acl ?? memorystoreRules(majorVersion, config['cluster-enabled'] === 'yes');
  return [
    `bind ${bind}`,
    ...(await listening(plan)),
    'protected-mode no',
    'save ""',
    // Replicas sync at once instead of after five seconds.
    'repl-diskless-sync-delay 0',
    `dir "${dir}"`,
    `user default reset on ${login} ${rules}`,
    `user ${ADMIN} reset on >${adminPassword} ${allRights(majorVersion)}`,
    `masteruser ${ADMIN}`,
    `masterauth ${adminPassword}`,
    ...Object.entries(config).map(([name, value]) => `${name} ${value}`),
    '',
  ].join('\n');
};

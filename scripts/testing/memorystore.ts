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
export const allRights = (majorVersion: number): string => (majorVersion < 7 ? '~* +@all' : '~* &* +@all');

/** ACL rules of a user who may do what Memorystore allows. On a cluster a client must be able to ask for the slots. */
export const memorystoreRules = (majorVersion: number, cluster = false): string =>
  [
    allRights(majorVersion),
    ...REFUSED_COMMANDS.filter((name) => majorVersion >= 7 || !SINCE_REDIS_7.includes(name)).map((name) => `-${name}`),
    ...(cluster ? ['+cluster|slots', '+cluster|shards', '+cluster|nodes', '+cluster|info'] : []),
  ].join(' ');

import type { Socket } from 'node:net';
import { manifest } from '../../functions/manifest.ts';
import { ask } from './check-connection.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** One connection for commands; the functions with an event stream or a summary in memory hold one more. */
const CONNECTIONS_PER_INSTANCE = 2;
/** The share of the connections or the memory at which it is time to act. */
const NEAR = 0.8;

type Info = Readonly<Record<string, string>>;

/** The fields of INFO. */
export const readInfo = async (socket: Socket): Promise<Info> => {
  const fields = String(await ask(socket, 'INFO')).matchAll(/^([^:#\r\n]+):(.*?)\r?$/gm);
  return Object.fromEntries([...fields].map(([, name, value]) => [name, value]));
};

const clients = (info: Info): Finding => {
  const connected = Number(info.connected_clients);
  const most = Number(info.maxclients ?? 65_000);
  if (connected > NEAR * most) {
    return fault(
      `${connected} of at most ${most} clients are connected`,
      'Lower max_instances in the functions’ deploy settings, or find out what else connects.',
    );
  }
  const planned = manifest.reduce((sum, { deploy }) => sum + deploy.max_instances * CONNECTIONS_PER_INSTANCE, 0);
  return planned > NEAR * most
    ? warning(
        `The functions’ instance caps allow ${planned} connections, and Redis takes ${most}`,
        'Lower max_instances in the functions’ deploy settings.',
      )
    : ok(`${connected} of ${most} clients are connected; the functions’ caps allow ${planned}`);
};

const eviction = (info: Info): Finding => {
  const policy = info.maxmemory_policy ?? 'unknown';
  if (policy.startsWith('allkeys-')) {
    return fault(
      `A full Redis drops any key (${policy}), users, items and counters too`,
      'Set maxmemory-policy to volatile-ttl: redis_eviction in Terraform.',
    );
  }
  if (policy === 'noeviction') {
    return warning(
      'A full Redis refuses writes (noeviction), although cache entries could be dropped',
      'Use volatile-ttl: it drops what expires soonest. Users, items and counters stay either way.',
    );
  }
  return ok(`A full Redis drops only what has an expiry (${policy})`);
};

const memory = (info: Info): Finding => {
  const used = Number(info.used_memory);
  const most = Number(info.maxmemory);
  if (!(most > 0)) return ok('Redis has no memory limit of its own');
  const percent = Math.round((100 * used) / most);
  return used > NEAR * most
    ? fault(`${percent} % of Redis’s memory is in use`, 'Raise redis_memory_gb, or shorten SAMPLE_RETENTION_DAYS.')
    : ok(`${percent} % of Redis’s memory is in use`);
};

const kind = (info: Info, isCluster: boolean): Finding => {
  const is = info.cluster_enabled === '1';
  if (is === isCluster) return ok(is ? 'A cluster, as configured' : 'One node, as configured');
  return is
    ? fault('This is a cluster, but REDIS_CLUSTER is not set', 'Set REDIS_CLUSTER=true.')
    : fault('REDIS_CLUSTER is set, but this is one node', 'Remove REDIS_CLUSTER.');
};

const role = (info: Info): Finding =>
  info.role === 'slave'
    ? fault('This is a read replica: writes fail', 'Set REDISHOST to the primary endpoint, not the read endpoint.')
    : ok('It takes writes');

export const serverFindings = (info: Info, isCluster: boolean): readonly Finding[] => [
  kind(info, isCluster),
  role(info),
  clients(info),
  eviction(info),
  memory(info),
];

import { manifest } from '../../functions/manifest.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** One for commands, and one for the functions that also subscribe: those with a stream or a summary in memory. */
const CONNECTIONS_PER_INSTANCE = 2;
/** The share of connections or memory in use at which it is time to act. */
const NEAR = 0.8;

type Info = Readonly<Record<string, string>>;

const kind = (info: Info, isCluster: boolean): Finding => {
  const is = info.cluster_enabled === '1';
  if (is === isCluster) return ok(is ? 'A cluster, as configured' : 'A single node, as configured');
  return is
    ? fault('This is a cluster, but REDIS_CLUSTER is not set', 'Set REDIS_CLUSTER=true.')
    : fault('REDIS_CLUSTER is set, but this is a single node', 'Remove REDIS_CLUSTER.');
};

const role = (info: Info): Finding =>
  info.role === 'slave'
    ? fault('This is a read replica: writes fail', 'Set REDISHOST to the primary endpoint, not the read endpoint.')
    : ok('It accepts writes');

const clients = (info: Info): Finding => {
  const connected = Number(info.connected_clients);
  const max = Number(info.maxclients ?? 65_000);
  if (connected > NEAR * max) {
    return fault(
      `${connected} of at most ${max} clients are connected`,
      'Lower max_instances in the functions’ deploy settings, or find out what else connects.',
    );
  }
  const planned = manifest.reduce((sum, { deploy }) => sum + deploy.max_instances * CONNECTIONS_PER_INSTANCE, 0);
  return planned > NEAR * max
    ? warning(
        `The functions’ instance caps allow ${planned} connections, and Redis accepts ${max}`,
        'Lower max_instances in the functions’ deploy settings.',
      )
    : ok(`${connected} of ${max} clients are connected; the functions’ instance caps allow ${planned}`);
};

const eviction = (info: Info): Finding => {
  const policy = info.maxmemory_policy ?? 'unknown';
  if (policy.startsWith('allkeys-')) {
    return fault(
      `A full Redis evicts any key (${policy}), including users, items and counters`,
      'Set maxmemory-policy to volatile-ttl: redis_eviction in Terraform.',
    );
  }
  return policy === 'noeviction'
    ? warning(
        'A full Redis refuses writes (noeviction), although it could evict cache entries',
        'Use volatile-ttl: it evicts the keys that expire soonest, and never users, items or counters.',
      )
    : ok(`A full Redis evicts only keys with an expiry (${policy})`);
};

const memory = (info: Info): Finding => {
  const used = Number(info.used_memory);
  const max = Number(info.maxmemory);
  if (!(max > 0)) return ok('Redis has no memory limit of its own');
  const what = `${Math.round((100 * used) / max)} % of Redis’s memory is in use`;
  return used > NEAR * max ? fault(what, 'Raise redis_memory_gb, or shorten SAMPLE_RETENTION_DAYS.') : ok(what);
};

/** What the text of INFO says about the server. */
export const serverFindings = (text: string, isCluster: boolean): readonly Finding[] => {
  const fields = text.matchAll(/^([^:#\r\n]+):(.*?)\r?$/gm);
  const info: Info = Object.fromEntries([...fields].map(([, name, value]) => [name, value]));
  return [kind(info, isCluster), role(info), clients(info), eviction(info), memory(info)];
};

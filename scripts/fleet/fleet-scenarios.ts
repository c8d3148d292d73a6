import { setTimeout as pause } from 'node:timers/promises';
import { serveHttp } from '../local/free-port.ts';
import { type RedisServer, startRedis } from '../local/redis-server.ts';
import { startCluster } from '../testing/faults/redis-cluster.ts';
import { type Report, startWorkers, type Workers } from './fleet-workers.ts';

export interface Plan {
  readonly instances: number;
  readonly processes: number;
  /** Requests per second of each instance. */
  readonly rate: number;
  readonly onTick: Parameters<typeof startWorkers>[1];
  readonly onOutcome: (outcome: Outcome) => void;
}

export interface Outcome {
  readonly name: string;
  /** From the fault until Redis could serve again. */
  readonly awayMs: number;
  /** How many instances Redis has connections for. */
  readonly served: number;
  readonly report: Report;
}

const SCALE_OUT_MS = 2_000;
const AWAY_MS = 1_000;
const OUTAGES = [
  ['Redis restarted', AWAY_MS],
  ['Redis away for ten seconds', 10_000],
] as const;
const FREEZE_MS = 2_000;
const TOKEN_LIFE_S = 3_600;
const TEN_MINUTES_MS = 600_000;
/** A second longer than the goal for recovery. */
const WATCH_MS = 6_000;
const SPARE_CONNECTIONS = 16;

/** A metadata server for all instances. Redis accepts only the access token that it issues. */
const startTokens = async (redis: RedisServer) => {
  let serial = 0;
  const token = () => `ya29.fleet-${serial}`;
  const { url, stop } = await serveHttp((_, response) => {
    const body = JSON.stringify({ access_token: token(), expires_in: TOKEN_LIFE_S });
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  /** Redis forgets its password when it restarts. */
  const admit = () => redis.admin('ACL', 'SETUSER', 'default', 'resetpass', `>${token()}`);
  const renew = () => {
    serial += 1;
    return admit();
  };
  return { host: new URL(url).host, admit, renew, stop };
};

const disconnectAll = (redis: RedisServer) => redis.admin('CLIENT', 'KILL', 'USER', 'default');

/**
 * Returns a function that causes a fault and then watches the recovery.
 * @param served how many instances can be served afterwards; all by default
 */
const watcher =
  (workers: Workers, { instances, onOutcome }: Plan) =>
  async (name: string, fault: () => unknown, served = instances): Promise<void> => {
    const startedAt = performance.now();
    workers.tell({ do: 'fault' });
    await fault();
    workers.tell({ do: 'back' });
    const awayMs = performance.now() - startedAt;
    await pause(WATCH_MS);
    onOutcome({ name, awayMs, served, report: await workers.report() });
  };

/** One Redis with TLS, IAM and `maxclients`, and one fault after the other for the same instances. */
export const runSingle = async (plan: Plan): Promise<void> => {
  const { instances, rate } = plan;
  const enough = instances + SPARE_CONNECTIONS;
  const redis = await startRedis({ password: 'none-yet', tls: true, config: { maxclients: 2 * enough } });
  const workers = await startWorkers(plan.processes, plan.onTick);
  const tokens = await startTokens(redis);
  const watch = watcher(workers, plan);
  const env = {
    REDISHOST: '127.0.0.1',
    REDISPORT: String(redis.port),
    REDIS_TLS: 'true',
    REDIS_CA: redis.ca ?? '',
    REDIS_IAM: 'true',
    GCE_METADATA_HOST: tokens.host,
  };
  try {
    await tokens.renew();
    await watch('scale-out from nothing in 2 s', () => workers.start({ instances, overMs: SCALE_OUT_MS, rate, env }));
    await watch('failover: read-only, then a new primary', async () => {
      await redis.admin('REPLICAOF', '127.0.0.1', 1);
      await pause(AWAY_MS);
      await redis.admin('REPLICAOF', 'NO', 'ONE');
      await disconnectAll(redis);
    });
    for (const [name, awayMs] of OUTAGES) {
      await watch(name, async () => {
        await redis.kill();
        await pause(awayMs);
        await redis.restart();
        await tokens.admit();
      });
    }
    await watch('all tokens expire at once', async () => {
      workers.tell({ do: 'skip', ms: TOKEN_LIFE_S * 1_000, isIdle: false });
      await tokens.renew();
      await disconnectAll(redis);
    });
    await watch('frozen for ten minutes, thawed together', async () => {
      workers.tell({ do: 'skip', ms: TEN_MINUTES_MS, isIdle: true });
      // An instance is frozen only after it has answered its requests.
      await pause(1_000);
      workers.signal('SIGSTOP');
      await disconnectAll(redis);
      await pause(FREEZE_MS);
      workers.signal('SIGCONT');
    });
    const few = Math.ceil(0.8 * instances);
    const dropBelow = async () => {
      await redis.admin('CONFIG', 'SET', 'maxclients', few + 1);
      await disconnectAll(redis);
    };
    await watch('connections for 80 % of them', dropBelow, few);
    await watch('connections for all again', () => redis.admin('CONFIG', 'SET', 'maxclients', enough));
  } finally {
    await workers.stop();
    await tokens.stop();
    await redis.stop();
  }
};

/** A cluster of three primaries and three replicas. One primary dies. */
export const runCluster = async (plan: Plan): Promise<void> => {
  const { instances, rate } = plan;
  const cluster = await startCluster();
  const workers = await startWorkers(plan.processes, plan.onTick);
  const watch = watcher(workers, plan);
  const env = { REDISHOST: '127.0.0.1', REDISPORT: String(cluster.nodes[0]?.port), REDIS_CLUSTER: 'true' };
  try {
    await watch('cluster: scale-out from nothing in 2 s', () =>
      workers.start({ instances, overMs: SCALE_OUT_MS, rate, env }),
    );
    await watch('cluster: a primary dies', async () => {
      const [primary, survivor, , replica] = cluster.nodes;
      await primary?.kill();
      const isUp = async () => String(await survivor?.admin('CLUSTER', 'INFO')).includes('cluster_slots_fail:0');
      // The nodes take a moment to notice the failure and to promote the replica.
      do await pause(50);
      while (String(await replica?.admin('ROLE')).startsWith('slave') || !(await isUp()));
    });
  } finally {
    await workers.stop();
    await cluster.stop();
  }
};

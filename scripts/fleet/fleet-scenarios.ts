import { setTimeout as pause } from 'node:timers/promises';
import { serveHttp } from '../local/free-port.ts';
import { type RedisServer, startRedis } from '../local/redis-server.ts';
import { startCluster } from '../testing/faults/redis-cluster.ts';
import { type Report, startWorkers, type Workers } from './fleet-workers.ts';

export interface Plan {
  readonly instances: number;
  readonly processes: number;
  /** Requests a second of each instance. */
  readonly rate: number;
}

export interface Outcome {
  readonly name: string;
  /** From the fault to the moment at which Redis could serve again. */
  readonly awayMs: number;
  readonly report: Report;
  /** How many instances Redis had a connection for. */
  readonly served: number;
}

type OnTick = Parameters<typeof startWorkers>[1];
type OnOutcome = (outcome: Outcome) => void;

const SCALE_OUT_MS = 2_000;
const AWAY_MS = 1_000;
const OUTAGES = [
  ['Redis restarted', AWAY_MS],
  ['Redis away for ten seconds', 10_000],
] as const;
const FREEZE_MS = 2_000;
const TOKEN_LIFE_S = 3_600;
const TEN_MINUTES_MS = 600_000;
/** Recovery is watched this long; the goal is five seconds. */
const WATCH_MS = 6_000;
const SPARE_CONNECTIONS = 16;

let serial = 0;

/** The metadata server of all instances, and the Redis that takes the token it gives out. */
const startTokens = async (redis: RedisServer) => {
  let token = '';
  const headers = { 'content-type': 'application/json' };
  const { url, stop } = await serveHttp((_, response) => {
    response.writeHead(200, headers).end(JSON.stringify({ access_token: token, expires_in: TOKEN_LIFE_S }));
  });
  return {
    host: new URL(url).host,
    /** What Redis takes from now on is a new token; or still the present one, after a restart. */
    admit: async (isNew: boolean): Promise<void> => {
      if (isNew) token = `ya29.fleet-${++serial}`;
      await redis.admin('ACL', 'SETUSER', 'default', 'resetpass', `>${token}`);
    },
    stop,
  };
};

const hangUp = (redis: RedisServer) => redis.admin('CLIENT', 'KILL', 'USER', 'default');

/** Breaks something, and watches until all should be served again. `served`: by default every instance. */
const scenarios =
  (workers: Workers, instances: number, done: OnOutcome) =>
  async (name: string, fault: () => Promise<unknown>, served = instances): Promise<void> => {
    const startedAt = performance.now();
    workers.tell({ do: 'fault' });
    await fault();
    workers.tell({ do: 'back' });
    const awayMs = performance.now() - startedAt;
    await pause(WATCH_MS);
    done({ name, awayMs, served, report: await workers.report() });
  };

/** One Redis with TLS, IAM and `maxclients`: what breaks, one thing after the other, for the same fleet. */
export const runSingle = async (plan: Plan, onTick: OnTick, done: OnOutcome): Promise<void> => {
  const { instances } = plan;
  const enough = instances + SPARE_CONNECTIONS;
  const redis = await startRedis({ password: 'none-yet', tls: true, config: { maxclients: 2 * enough } });
  const workers = startWorkers(plan.processes, onTick);
  const endure = scenarios(workers, instances, done);
  const tokens = await startTokens(redis);
  const env = {
    REDISHOST: '127.0.0.1',
    REDISPORT: String(redis.port),
    REDIS_TLS: 'true',
    REDIS_CA: redis.ca ?? '',
    REDIS_IAM: 'true',
    GCE_METADATA_HOST: tokens.host,
  };
  try {
    await tokens.admit(true);
    await pause(1_000);
    await endure('scale-out from nothing in 2 s', async () => {
      workers.start(instances, { overMs: SCALE_OUT_MS, rate: plan.rate, env });
    });
    await endure('failover: read-only, then a new primary', async () => {
      await redis.admin('REPLICAOF', '127.0.0.1', 1);
      await pause(AWAY_MS);
      await redis.admin('REPLICAOF', 'NO', 'ONE');
      await hangUp(redis);
    });
    for (const [name, awayMs] of OUTAGES) {
      await endure(name, async () => {
        await redis.kill();
        await pause(awayMs);
        await redis.restart();
        await tokens.admit(false);
      });
    }
    await endure('a token ends for all at once', async () => {
      workers.tell({ do: 'skip', ms: TOKEN_LIFE_S * 1_000, isIdle: false });
      await tokens.admit(true);
      await hangUp(redis);
    });
    await endure('frozen for ten minutes, thawed together', async () => {
      workers.tell({ do: 'skip', ms: TEN_MINUTES_MS, isIdle: true });
      // What is under way is answered before its instance is frozen.
      await pause(1_000);
      workers.signal('SIGSTOP');
      await hangUp(redis);
      await pause(FREEZE_MS);
      workers.signal('SIGCONT');
    });
    const few = Math.ceil(0.8 * instances);
    const scarce = async () => {
      await redis.admin('CONFIG', 'SET', 'maxclients', few + 1);
      await hangUp(redis);
    };
    await endure('connections for 80 % of them', scarce, few);
    await endure('connections for all again', () => redis.admin('CONFIG', 'SET', 'maxclients', enough));
  } finally {
    await workers.stop();
    await tokens.stop();
    await redis.stop();
  }
};

/** A cluster of three primaries and three replicas, one of whose primaries dies. */
export const runCluster = async (plan: Plan, onTick: OnTick, done: OnOutcome): Promise<void> => {
  const cluster = await startCluster();
  const workers = startWorkers(plan.processes, onTick);
  const endure = scenarios(workers, plan.instances, done);
  const env = { REDISHOST: '127.0.0.1', REDISPORT: String(cluster.nodes[0]?.port), REDIS_CLUSTER: 'true' };
  try {
    await pause(1_000);
    await endure('cluster: scale-out from nothing in 2 s', async () => {
      workers.start(plan.instances, { overMs: SCALE_OUT_MS, rate: plan.rate, env });
    });
    await endure('cluster: a primary dies', async () => {
      const [primary, ...others] = cluster.nodes;
      await primary?.kill();
      const isUp = async () => String(await others[0]?.admin('CLUSTER', 'INFO')).includes('cluster_slots_fail:0');
      // First the others must notice.
      do await pause(50);
      while (String(await others[2]?.admin('ROLE')).startsWith('slave') || !(await isUp()));
    });
  } finally {
    await workers.stop();
    await cluster.stop();
  }
};

import { setTimeout as pause } from 'node:timers/promises';
import { config, type RedisSettings } from '../config/config.ts';
import { withDeadline } from '../timing.ts';
import { clusterDialer } from './cluster-client.ts';
import { createCredentials } from './credentials.ts';
import { isConnectionSpent, isRedisUnavailable, isSlotMoving, toProblem } from './errors.ts';
import { keepConnection } from './keep-connection.ts';
import { type Client, type Connection, singleDialer } from './single-client.ts';
import { createSubscriptions } from './subscribe.ts';

export { isRefusedByRedis } from './errors.ts';
export { runScript, type Script, script } from './script.ts';
export type { Client } from './single-client.ts';

/** Between two attempts while a slot of a cluster moves. */
const MOVING_PAUSE_MS = 20;

type Operation<T> = (client: Client, connection: Pick<Connection, 'primaries'>) => Promise<T>;

interface Options {
  /** Repeat it once if the connection breaks. Only for operations that may happen twice. */
  readonly retry?: boolean;
  /** How many round trips it makes in turn, each with REDIS_TIMEOUT_MS; 1 by default. */
  readonly trips?: number;
}

/** A Redis, single node or cluster, with one client that connects at first use. @param now epoch milliseconds */
export const createRedis = (settings: RedisSettings, now: () => number = Date.now) => {
  const credentials = createCredentials(settings, now);
  const { dial, subscriberAddresses } = (settings.cluster ? clusterDialer : singleDialer)(settings, credentials);
  const keeper = keepConnection(dial, settings.cluster, now);
  const subscriptions = createSubscriptions(settings, credentials, subscriberAddresses);

  /** For one operation with all its dials and attempts: a tenth less than one dial plus one round trip may take. */
  const patienceMs = 0.9 * (settings.connectTimeoutMs + settings.timeoutMs);

  const bound = <T>(work: Promise<T>, until: number, mostMs: number, what: string): Promise<T> =>
    withDeadline(work, Math.max(0, Math.min(mostMs, until - performance.now())), what);

  /** Without a connection, Redis is unavailable, whatever the reason. */
  const acquire = async (work: Promise<Connection>, until: number): Promise<Connection> => {
    try {
      return await bound(work, until, Number.POSITIVE_INFINITY, 'connecting to Redis');
    } catch (error) {
      throw toProblem(error);
    }
  };

  /**
   * Runs one operation on the shared client. Commands issued in one tick share a round trip. Each trip may take
   * REDIS_TIMEOUT_MS; with dials and a second attempt, an operation ends within 0.9 × (REDIS_CONNECT_TIMEOUT_MS +
   * REDIS_TIMEOUT_MS). A write that failed may still have taken effect.
   * @throws Problem redis-unavailable if Redis is away, silent, full or not ready
   */
  const run = async <T>(operation: Operation<T>, { retry = false, trips = 1 }: Options = {}): Promise<T> => {
    // Reading a secret for the first time has its own timeout, so that it does not fail a cold start.
    if (keeper.ready() === undefined) await credentials.read().catch((error) => Promise.reject(toProblem(error)));
    const until = performance.now() + patienceMs;
    let connection = keeper.ready() ?? (await acquire(keeper.obtain(), until));
    for (let mayRetry = retry; ; ) {
      try {
        const work = operation(connection.client, connection);
        const result = await bound(work, until, trips * settings.timeoutMs, 'an operation of Redis');
        keeper.release();
        return result;
      } catch (error) {
        if (isConnectionSpent(error)) keeper.replace(connection);
        if (!isRedisUnavailable(error)) throw error;
        if (isSlotMoving(error) && performance.now() + MOVING_PAUSE_MS < until) await pause(MOVING_PAUSE_MS);
        else if (mayRetry && isConnectionSpent(error)) mayRetry = false;
        else throw toProblem(error);
      }
      connection = await acquire(keeper.obtainAnother(), until);
    }
  };

  /** Reads the secrets again; the next operation connects with them. Without secrets the connection stays. @throws SecretError */
  const rereadSecrets = async (): Promise<void> => {
    if ((settings.passwordSecret ?? settings.caSecret) === undefined) return;
    await credentials.reread();
    await keeper.close();
  };
  return { run, rereadSecrets, close: keeper.close, ...subscriptions };
};

export type Redis = ReturnType<typeof createRedis>;

let instance: Redis | undefined;

/** The Redis from the settings, which are read at its first use. */
const standard = (): Redis => {
  instance ??= createRedis(config().redis);
  return instance;
};

export const redis: Redis['run'] = (operation, options) => standard().run(operation, options);
export const subscribe: Redis['subscribe'] = (channel, listener) => standard().subscribe(channel, listener);
export const rereadSecrets: Redis['rereadSecrets'] = () => standard().rereadSecrets();
export const closeRedis: Redis['close'] = async () => instance?.close();
export const closeSubscriptions: Redis['closeSubscriptions'] = () => instance?.closeSubscriptions();

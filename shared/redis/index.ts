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

/** Between two tries while a slot of a cluster moves. */
const MOVING_PAUSE_MS = 20;

type Operation<T> = (client: Client, connection: Pick<Connection, 'primaries'>) => Promise<T>;

interface Options {
  /** Run it once more when the connection broke under it: only for what may happen twice. */
  readonly retry?: boolean;
  /** For how many answers in turn there is time, REDIS_TIMEOUT_MS each; 1 unless given. */
  readonly trips?: number;
}

/** One Redis, single node or cluster, with one client that is dialled at first use. @param now epoch milliseconds */
export const createRedis = (settings: RedisSettings, now: () => number = Date.now) => {
  const credentials = createCredentials(settings, now);
  const { dial, subscriberAddresses } = (settings.cluster ? clusterDialer : singleDialer)(settings, credentials);
  const keeper = keepConnection(dial, settings.cluster, now);
  const subscriptions = createSubscriptions(settings, credentials, subscriberAddresses);

  /** From the first dial to the last answer, however many tries: a tenth less than a dial and an operation may take. */
  const patienceMs = 0.9 * (settings.connectTimeoutMs + settings.timeoutMs);

  const bound = <T>(work: Promise<T>, until: number, mostMs: number, what: string): Promise<T> =>
    withDeadline(work, Math.max(0, Math.min(mostMs, until - performance.now())), what);

  /** An operation that could not get a connection found Redis unavailable, whatever the reason was. */
  const acquire = async (work: Promise<Connection>, until: number): Promise<Connection> => {
    try {
      return await bound(work, until, Number.POSITIVE_INFINITY, 'connecting to Redis');
    } catch (error) {
      throw toProblem(error);
    }
  };

  /**
   * Runs one operation on the one client. Commands that the operation issues in one tick travel together. Each trip is
   * bounded by REDIS_TIMEOUT_MS; with the dial before it and a second try, an operation ends within 0.9 times the sum of
   * REDIS_CONNECT_TIMEOUT_MS and REDIS_TIMEOUT_MS. A write that failed may still have taken effect.
   * @throws Problem redis-unavailable when Redis is away, silent, full or not ready
   */
  const run = async <T>(operation: Operation<T>, { retry = false, trips = 1 }: Options = {}): Promise<T> => {
    // The first use of a secret has its own bound, so that a cold start is not refused for it.
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

  /** Reads the secrets again, and dials with them at the next operation. Without secrets the connection stays. @throws SecretError */
  const rereadSecrets = async (): Promise<void> => {
    if ((settings.passwordSecret ?? settings.caSecret) === undefined) return;
    await credentials.reread();
    await keeper.close();
  };
  return { run, rereadSecrets, close: keeper.close, ...subscriptions };
};

export type Redis = ReturnType<typeof createRedis>;

let instance: Redis | undefined;

/** The Redis of the settings. Its first use reads them; nothing before that does. */
const standard = (): Redis => {
  instance ??= createRedis(config().redis);
  return instance;
};

export const redis: Redis['run'] = (operation, options) => standard().run(operation, options);
export const subscribe: Redis['subscribe'] = (channel, listener) => standard().subscribe(channel, listener);
export const rereadSecrets: Redis['rereadSecrets'] = () => standard().rereadSecrets();
export const closeRedis: Redis['close'] = async () => instance?.close();
export const closeSubscriptions: Redis['closeSubscriptions'] = () => instance?.closeSubscriptions();

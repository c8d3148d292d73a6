import { setTimeout as pause } from 'node:timers/promises';
import { config } from '../config/config.ts';
import { withDeadline } from '../deadline.ts';
import { readCredentials } from './credentials.ts';
import { isConnectionSpent, isRedisUnavailable, isSlotMoving, toProblem } from './errors.ts';
import { noteFailure, noteUse, obtain, obtainAnother, readyConnection } from './lifecycle.ts';
import type { Client, Connection } from './single-client.ts';

export { isRefusedByRedis } from './errors.ts';
export { closeRedis } from './lifecycle.ts';
export { runScript, type Script, script } from './script.ts';
export type { Client } from './single-client.ts';
export { closeSubscriptions, subscribe } from './subscribe.ts';

/** Between two tries while a slot of a cluster moves. */
const MOVING_PAUSE_MS = 20;

/** From the first dial to the last answer, however many tries: a tenth less than a dial and an operation may take. */
const patienceMs = (): number => 0.9 * (config().redis.connectTimeoutMs + config().redis.timeoutMs);

type Operation<T> = (client: Client, connection: Pick<Connection, 'primaries'>) => Promise<T>;

const bound = <T>(work: Promise<T>, until: number, mostMs: number, what: string): Promise<T> =>
  withDeadline(work, Math.max(0, Math.min(mostMs, until - performance.now())), what);

const run = async <T>(operation: Operation<T>, connection: Connection, until: number, trips: number): Promise<T> => {
  try {
    const work = operation(connection.client, connection);
    const result = await bound(work, until, trips * config().redis.timeoutMs, 'an operation of Redis');
    noteUse();
    return result;
  } catch (error) {
    if (isConnectionSpent(error)) noteFailure(connection);
    throw error;
  }
};

/** Whether Redis was asked or not, an operation that could not get a connection found it unavailable. */
const getConnection = async (work: Promise<Connection>, until: number): Promise<Connection> => {
  try {
    return await bound(work, until, Number.POSITIVE_INFINITY, 'connecting to Redis');
  } catch (error) {
    throw toProblem(error);
  }
};

interface Options {
  /** Run it once more when the connection broke under it: only for what may happen twice. */
  readonly retry?: boolean;
  /** For how many answers in turn there is time, REDIS_TIMEOUT_MS each; 1 unless said. */
  readonly trips?: number;
}

/**
 * Runs one operation on the instance's one Redis client, which is created at the first call. Commands that the
 * operation issues in one tick travel together. Each trip is bounded by REDIS_TIMEOUT_MS; with the dial before it and a
 * second try an operation ends within 0.9 times the sum of REDIS_CONNECT_TIMEOUT_MS and REDIS_TIMEOUT_MS. A write that
 * failed may still have taken effect.
 * @throws Problem redis-unavailable when Redis is away, silent, full or not ready
 */
export const redis = async <T>(operation: Operation<T>, { retry = false, trips = 1 }: Options = {}): Promise<T> => {
  // The first use of a secret has its own bound, so that a cold start is not refused for it.
  if (readyConnection() === undefined) await readCredentials().catch((error) => Promise.reject(toProblem(error)));
  const until = performance.now() + patienceMs();
  let connection = readyConnection() ?? (await getConnection(obtain(), until));
  for (let mayRetry = retry; ; ) {
    try {
      return await run(operation, connection, until, trips);
    } catch (error) {
      if (!isRedisUnavailable(error)) throw error;
      const isMoving = isSlotMoving(error) && performance.now() + MOVING_PAUSE_MS < until;
      const isWorthRetry = mayRetry && isConnectionSpent(error);
      if (!isMoving && !isWorthRetry) throw toProblem(error);
      if (isMoving) await pause(MOVING_PAUSE_MS);
      else mayRetry = false;
    }
    connection = await getConnection(obtainAnother(), until);
  }
};

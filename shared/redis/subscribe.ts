import { config } from '../config.ts';
import { withDeadline } from '../deadline.ts';
import { dialSubscriber } from './client.ts';
import { toProblem } from './errors.ts';

type Subscriber = Awaited<ReturnType<typeof dialSubscriber>>;

let subscriber: Promise<Subscriber> | undefined;
const resumed = new Set<() => void>();

const connect = async (): Promise<Subscriber> => {
  const client = await dialSubscriber();
  let isFirst = true;
  client.on('ready', () => {
    if (!isFirst) for (const tell of resumed) tell();
    isFirst = false;
  });
  try {
    await withDeadline(client.connect(), config().redis.connectTimeoutMs, 'connecting to Redis');
    return client;
  } catch (error) {
    client.destroy();
    throw error;
  }
};

interface Listener {
  readonly onMessage: (message: string) => void;
  /** The connection was lost and is back: what was published in between did not arrive, so read the state anew. */
  readonly onResume: () => void;
}

/**
 * Listens to a channel. All listeners of an instance share one connection, opened at the first call and kept alive.
 * @returns how to stop listening
 * @throws Problem redis-unavailable
 */
export const subscribe = async (channel: string, { onMessage, onResume }: Listener): Promise<() => Promise<void>> => {
  try {
    subscriber ??= connect();
    const client = await subscriber;
    await client.subscribe(channel, onMessage);
    resumed.add(onResume);
    return async () => {
      resumed.delete(onResume);
      if (client.isOpen) await client.unsubscribe(channel, onMessage).catch(() => {});
    };
  } catch (error) {
    subscriber = undefined;
    throw toProblem(error);
  }
};

/** Ends the subscription connection; listeners hear nothing more. */
export const closeSubscriptions = async (): Promise<void> => {
  const client = await subscriber?.catch(() => undefined);
  subscriber = undefined;
  resumed.clear();
  if (client?.isOpen) client.destroy();
};

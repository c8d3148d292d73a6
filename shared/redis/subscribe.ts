import { setTimeout as pause } from 'node:timers/promises';
import { config } from '../config/config.ts';
import { withDeadline } from '../deadline.ts';
import { seeds } from './cluster-client.ts';
import { readCredentials } from './credentials.ts';
import { toProblem } from './errors.ts';
import { dialSubscriber } from './single-client.ts';

const REDIAL_PAUSE_MS = 200;

type Subscriber = Awaited<ReturnType<typeof dialSubscriber>>;

interface Listener {
  readonly onMessage: (message: string) => void;
  /** The connection was lost and is back: what was published in between did not arrive, so read the state anew. */
  readonly onResume: () => void;
}

/** Each channel that this instance listens to. */
const listeners = new Map<string, Listener>();
let current: Promise<Subscriber> | undefined;

const deliver = (message: string, channel: string): void => listeners.get(channel)?.onMessage(message);

const within = <T>(work: Promise<T>, what: string): Promise<T> => withDeadline(work, config().redis.timeoutMs, what);

/** Any node of a cluster hears what is published on any other, so whichever answers will do. */
const dialAny = async (onBroken: () => void): Promise<Subscriber> => {
  const addresses = config().redis.cluster ? seeds() : [config().redis];
  const first = Math.floor(Math.random() * addresses.length);
  const failures: unknown[] = [];
  for (const address of [...addresses.slice(first), ...addresses.slice(0, first)]) {
    try {
      return await dialSubscriber(address, onBroken);
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures.at(-1);
};

const open = async (onBroken: () => void): Promise<Subscriber> => {
  const client = await dialAny(onBroken);
  try {
    const listening = [...listeners.keys()].map((channel) => client.subscribe(channel, deliver));
    await within(Promise.all(listening), 'SUBSCRIBE');
    return client;
  } catch (error) {
    client.destroy();
    throw error;
  }
};

/** The one subscription connection, opened when there is none; a failed one is forgotten. */
const obtain = (): Promise<Subscriber> => {
  if (current !== undefined) return current;
  const forget = () => {
    if (current === opening) current = undefined;
  };
  const opening = open(() => {
    forget();
    revive().catch(() => {});
  });
  opening.catch(forget);
  current = opening;
  return opening;
};

/** The instance hears of what is current now, or dials until it does: it is awake, somebody asked for it. */
const revive = async (): Promise<void> => {
  while (listeners.size > 0) {
    try {
      await obtain();
      for (const { onResume } of listeners.values()) onResume();
      return;
    } catch {
      await pause(REDIAL_PAUSE_MS * (0.75 + Math.random() / 2));
    }
  }
};

/**
 * Listens to a channel, for as long as the instance lives. All channels share one connection, opened for the first and
 * dialled again whenever it is lost.
 * @throws Problem redis-unavailable, and the channel is not listened to
 */
export const subscribe = async (channel: string, listener: Listener): Promise<void> => {
  listeners.set(channel, listener);
  try {
    // The first use of a secret has its own bound.
    await readCredentials();
    const client = await withDeadline(obtain(), config().redis.connectTimeoutMs, 'connecting to Redis');
    await within(client.subscribe(channel, deliver), 'SUBSCRIBE');
  } catch (error) {
    listeners.delete(channel);
    if (listeners.size === 0) closeSubscriptions();
    throw toProblem(error);
  }
};

/** Ends the subscription connection, one that is still being opened as soon as it is; listeners hear nothing more. */
export const closeSubscriptions = (): void => {
  current?.then(
    (client) => client.destroy(),
    () => {},
  );
  current = undefined;
  listeners.clear();
};

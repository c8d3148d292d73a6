import { setTimeout as pause } from 'node:timers/promises';
import { config } from '../config.ts';
import { withDeadline } from '../deadline.ts';
import { dialSubscriber } from './client.ts';
import { seeds } from './cluster.ts';
import { toProblem } from './errors.ts';

const REDIAL_PAUSE_MS = 200;

type Subscriber = Awaited<ReturnType<typeof dialSubscriber>>;

interface Listener {
  readonly onMessage: (message: string) => void;
  /** The connection was lost and is back: what was published in between did not arrive, so read the state anew. */
  readonly onResume: () => void;
}

const channels = new Map<string, Set<Listener>>();
let current: Promise<Subscriber> | undefined;

const deliver = (message: string, channel: string): void => {
  for (const { onMessage } of channels.get(channel) ?? []) onMessage(message);
};

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
    const listening = [...channels.keys()].map((channel) => client.subscribe(channel, deliver));
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

/** Somebody is listening, so the instance is awake and can dial until it succeeds. */
const revive = async (): Promise<void> => {
  while (channels.size > 0) {
    try {
      await obtain();
      for (const listeners of channels.values()) {
        for (const { onResume } of listeners) onResume();
      }
      return;
    } catch {
      await pause(REDIAL_PAUSE_MS * (0.75 + Math.random() / 2));
    }
  }
};

const leave = async (channel: string, listener: Listener): Promise<void> => {
  const listeners = channels.get(channel);
  if (!listeners?.delete(listener) || listeners.size > 0) return;
  channels.delete(channel);
  if (channels.size === 0) return closeSubscriptions();
  // Nobody waits for that: what still comes on the channel finds no listener.
  current?.then((client) => client.unsubscribe(channel, deliver)).catch(() => {});
};

/**
 * Listens to a channel. All listeners of an instance share one connection, opened for the first, dialled again for as
 * long as there is one, closed after the last.
 * @returns how to stop listening
 * @throws Problem redis-unavailable
 */
export const subscribe = async (channel: string, listener: Listener): Promise<() => Promise<void>> => {
  const listeners = channels.get(channel) ?? new Set();
  channels.set(channel, listeners.add(listener));
  try {
    const { connectTimeoutMs } = config().redis;
    const client = await withDeadline(obtain(), connectTimeoutMs, 'connecting to Redis');
    await within(Promise.resolve(client.subscribe(channel, deliver)), 'SUBSCRIBE');
    return () => leave(channel, listener);
  } catch (error) {
    await leave(channel, listener);
    throw toProblem(error);
  }
};

/** Ends the subscription connection; listeners hear nothing more. */
export const closeSubscriptions = async (): Promise<void> => {
  const closing = current;
  current = undefined;
  channels.clear();
  (await closing?.catch(() => undefined))?.destroy();
};

import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'redis';
import type { RedisSettings } from '../config/config.ts';
import { withDeadline } from '../timing.ts';
import type { CredentialSource } from './credentials.ts';
import { toProblem } from './errors.ts';
import { type Address, clientOptions, connectInTime, socketOptions } from './single-client.ts';

/** Between two dials, doubled after each, since all instances lose their connections at the same time. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3_200;

export interface Listener {
  readonly onMessage: (message: string) => void;
  /** The connection was lost. No messages arrive until `onResume`. */
  readonly onLost?: () => void;
  /** The connection is back. Messages sent in between were lost, so read the current state. */
  readonly onResume: () => void;
}

/** The subscriptions to one Redis: all channels share one connection. */
export const createSubscriptions = (
  settings: RedisSettings,
  credentials: CredentialSource,
  addresses: () => readonly Address[],
) => {
  const listeners = new Map<string, Listener>();
  let current: Promise<Subscriber> | undefined;

  const deliver = (message: string, channel: string): void => listeners.get(channel)?.onMessage(message);

  const within = <T>(work: Promise<T>): Promise<T> => withDeadline(work, settings.timeoutMs, 'SUBSCRIBE');

  /**
   * Opens a connection for subscriptions only. No command on it waits for an answer, so it sends a PING twice a second to
   * notice a silent node.
   */
  const dial = (address: Address, onBroken: () => void) =>
    credentials.dialWith(async (given) => {
      const client = createClient({
        ...clientOptions(given),
        pingInterval: 500,
        socket: { ...socketOptions(settings, given, address), reconnectStrategy: false, socketTimeout: 1_500 },
      });
      let isConnected = false;
      client.on('error', () => {
        queueMicrotask(() => client.destroy());
        if (isConnected) onBroken();
        isConnected = false;
      });
      await connectInTime(client, settings);
      isConnected = true;
      return client;
    });
  type Subscriber = Awaited<ReturnType<typeof dial>>;

  const dialAny = async (onBroken: () => void): Promise<Subscriber> => {
    const all = addresses();
    const first = Math.floor(Math.random() * all.length);
    let failure: unknown;
    for (const address of [...all.slice(first), ...all.slice(0, first)]) {
      try {
        return await dial(address, onBroken);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };

  const open = async (onBroken: () => void): Promise<Subscriber> => {
    const client = await dialAny(onBroken);
    try {
      await within(Promise.all([...listeners.keys()].map((channel) => client.subscribe(channel, deliver))));
      return client;
    } catch (error) {
      client.destroy();
      throw error;
    }
  };

  /** The subscription connection, opened if there is none. A failed dial is forgotten. */
  const obtain = (): Promise<Subscriber> => {
    if (current !== undefined) return current;
    const forget = () => {
      if (current === opening) current = undefined;
    };
    const opening = open(() => {
      forget();
      for (const { onLost } of listeners.values()) onLost?.();
      revive().catch(() => {});
    });
    opening.catch(forget);
    current = opening;
    return opening;
  };

  /** Dials until it succeeds, then tells every listener to read the current state. */
  const revive = async (): Promise<void> => {
    for (let pauseMs = FIRST_PAUSE_MS; listeners.size > 0; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await obtain();
        for (const { onResume } of listeners.values()) onResume();
        return;
      } catch {
        await pause(pauseMs * (0.75 + Math.random() / 2));
      }
    }
  };

  /** Ends the connection, even one that is still connecting. Listeners get no more messages. */
  const closeSubscriptions = (): void => {
    current?.then(
      (client) => client.destroy(),
      () => {},
    );
    current = undefined;
    listeners.clear();
  };

  /**
   * Subscribes to a channel until `closeSubscriptions`. The connection is opened for the first channel, and again whenever it
   * is lost.
   * @throws Problem redis-unavailable; the channel is then not subscribed to
   */
  const subscribe = async (channel: string, listener: Listener): Promise<void> => {
    listeners.set(channel, listener);
    try {
      // Reading a secret for the first time has its own timeout.
      await credentials.read();
      const client = await withDeadline(obtain(), settings.connectTimeoutMs, 'connecting to Redis');
      await within(client.subscribe(channel, deliver));
    } catch (error) {
      listeners.delete(channel);
      if (listeners.size === 0) closeSubscriptions();
      throw toProblem(error);
    }
  };
  return { subscribe, closeSubscriptions };
};

import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { subscribe } from '../../redis/index.ts';
import { listenForCommands } from '../control/commands.ts';
import { keepSummary, printSummary, readSummary, summaryChannel } from './summary-cache.ts';

/** How soon the browser reconnects after the stream has ended. */
const RETRY_MS = 2_000;
const HEARTBEAT_MS = 15_000;
/** The browser opens another stream afterwards. An instance with an open stream is billed all the time. */
const STREAM_MS = 15 * 60_000;
/** No summary can arrive until Redis is back, which the next `summary` event shows. */
const PAUSED = 'event: paused\ndata: {}\n\n';

type Listener = (event: string) => void;

const listeners = new Set<Listener>();
let subscription: Promise<void> | undefined;

const printEvent = (text: string): string => {
  const { json, latestMs } = printSummary(text, Date.now());
  return `event: summary\nid: ${latestMs}\ndata: ${json}\n\n`;
};

const sendAll = (event: string): void => {
  for (const listener of listeners) listener(event);
};

const currentEvent = async (): Promise<string | undefined> => {
  try {
    return printEvent((await readSummary(Date.now())).text);
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return undefined;
    throw error;
  }
};

/** Messages published while the connection was down are lost, so listeners get the current summary. */
const catchUp = (): void => {
  currentEvent().then(
    (event) => event !== undefined && sendAll(event),
    () => {},
  );
};

const connect = async (): Promise<void> => {
  const source = config().feed;
  const onMessage = (text: string) => {
    keepSummary(source, text, Date.now());
    sendAll(printEvent(text));
  };
  const onLost = () => sendAll(PAUSED);
  await subscribe(summaryChannel(source), { onMessage, onLost, onResume: catchUp });
  await listenForCommands();
};

/** Opens the instance's one subscription, which stays open. After a failure, the next call tries again. */
const listen = (): Promise<void> => {
  subscription ??= connect().catch((error) => {
    subscription = undefined;
    throw error;
  });
  return subscription;
};

/**
 * Subscribes this instance to refreshes, so that a new summary replaces the one in memory at once. If that fails, the
 * memory is at most a second behind.
 */
export const listenForRefreshes = async (): Promise<void> => {
  if (subscription === undefined) await listen().catch(() => {});
};

/** Holds only the newest event, so that a slow client skips outdated ones and delays nobody else. */
const createMailbox = (signal: AbortSignal) => {
  let newest: string | undefined;
  let wake = () => {};
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    put: (event: string): void => {
      newest = event;
      wake();
    },
    /** The next event; undefined after `ms` milliseconds without one, or when the signal aborts. */
    take: async (ms: number): Promise<string | undefined> => {
      if (newest === undefined && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, ms);
        wake = resolve;
        await promise;
        clearTimeout(timer);
      }
      const event = newest;
      newest = undefined;
      return event;
    },
  };
};

/**
 * A stream of Server-Sent Events: the summary at once and after every refresh on any instance that added samples, a
 * comment every 15 seconds without an event, and `paused` when the connection to Redis is lost. It ends when the client
 * disconnects, after 15 minutes at most. All streams of an instance share one subscription.
 * @throws Problem redis-unavailable, before the first event
 */
export const followSummary = async (
  clientSignal: AbortSignal,
  heartbeatMs = HEARTBEAT_MS,
  streamMs = STREAM_MS,
): Promise<AsyncIterable<string>> => {
  const signal = AbortSignal.any([clientSignal, AbortSignal.timeout(streamMs)]);
  const mailbox = createMailbox(signal);
  await listen();
  // A client that has disconnected meanwhile would never be removed.
  if (!signal.aborted) listeners.add(mailbox.put);
  signal.addEventListener('abort', () => listeners.delete(mailbox.put), { once: true });
  // Read after subscribing, so that no summary is missed in between.
  const first = await currentEvent();
  if (first !== undefined) mailbox.put(first);
  return (async function* () {
    yield `retry: ${RETRY_MS}\n\n`;
    while (!signal.aborted) {
      const event = await mailbox.take(heartbeatMs);
      if (event !== undefined) yield event;
      else if (!signal.aborted) yield ': still here\n\n';
    }
  })();
};

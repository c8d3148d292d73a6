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

const connect = async (): Promise<void> => {
  const source = config().feed;
  const onMessage = (text: string) => {
    keepSummary(source, text, Date.now());
    sendAll(printEvent(text));
  };
  const onLost = () => sendAll(PAUSED);
  // What was published while the connection was down is lost, so listeners get the current summary.
  const onResume = () => {
    currentEvent().then(
      (event) => event !== undefined && sendAll(event),
      () => {},
    );
  };
  await subscribe(summaryChannel(source), { onMessage, onLost, onResume });
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
  /** Only the newest event is kept: a slow client skips outdated ones, and delays no other. */
  let newest: string | undefined;
  let wake = () => {};
  const put = (event: string): void => {
    newest = event;
    wake();
  };
  await listen();
  // A client that has disconnected meanwhile would never be removed.
  if (!signal.aborted) listeners.add(put);
  const stop = () => {
    listeners.delete(put);
    wake();
  };
  signal.addEventListener('abort', stop, { once: true });
  // Read after subscribing, so that no summary is missed in between.
  const first = await currentEvent();
  if (first !== undefined) put(first);
  return (async function* () {
    yield `retry: ${RETRY_MS}\n\n`;
    while (!signal.aborted) {
      if (newest === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, heartbeatMs);
        wake = resolve;
        await promise;
        clearTimeout(timer);
      }
      const event = newest;
      newest = undefined;
      if (event !== undefined) yield event;
      else if (!signal.aborted) yield ': still here\n\n';
    }
  })();
};

import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { subscribe } from '../../redis/index.ts';
import { hearCommands } from '../control/commands.ts';
import { keepSummary, printSummary, readSummary, summaryChannel } from './summary-cache.ts';

/** How soon the browser dials again after the stream has ended. */
const RETRY_MS = 2_000;
const HEARTBEAT_MS = 15_000;
/** A stream ends after this and the browser opens another: an instance with one open stream is billed all the time. */
const STREAM_MS = 15 * 60_000;
/** Says that no summary can arrive, since Redis is away. The next `summary` says that it is back. */
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

const currentText = async (): Promise<string | undefined> => {
  try {
    return (await readSummary(Date.now())).text;
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return undefined;
    throw error;
  }
};

/** What was published while the connection was down has not arrived: whatever is current now may be new. */
const catchUp = (): void => {
  currentText().then(
    (text) => text !== undefined && sendAll(printEvent(text)),
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
  await hearCommands();
};

/** Opens the instance's one subscription, which stays; a try that failed is forgotten. @throws Problem redis-unavailable */
const listen = (): Promise<void> => {
  subscription ??= connect().catch((error) => {
    subscription = undefined;
    throw error;
  });
  return subscription;
};

/**
 * Notifies this instance of every refresh, so that it drops what it holds in memory at once. Without it, when that
 * fails, the memory is at most a second behind.
 */
export const hearRefreshes = async (): Promise<void> => {
  if (subscription === undefined) await listen().catch(() => {});
};

/** The newest event that was not taken yet: a slow reader misses what is out of date, and holds nothing up. */
const createMailbox = (signal: AbortSignal) => {
  let waiting: string | undefined;
  let wake = () => {};
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    put: (event: string): void => {
      waiting = event;
      wake();
    },
    /** The next event, or undefined after `ms` milliseconds or at the signal. */
    take: async (ms: number): Promise<string | undefined> => {
      if (waiting === undefined && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, ms);
        wake = resolve;
        await promise;
        clearTimeout(timer);
      }
      const event = waiting;
      waiting = undefined;
      return event;
    },
  };
};

/**
 * Server-Sent Events: the summary at once and after every refresh anywhere that added samples, a comment every 15
 * seconds in between, `paused` when Redis goes away; until the client goes, for 15 minutes at most. All listeners of an
 * instance share one subscription.
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
  // A client that hung up in the meantime would never be taken off the list.
  if (!signal.aborted) listeners.add(mailbox.put);
  signal.addEventListener('abort', () => listeners.delete(mailbox.put), { once: true });
  // Read after the subscription stands, so nothing falls in between; what is published in the meantime comes instead.
  const first = await currentText();
  if (first !== undefined) mailbox.put(printEvent(first));
  return (async function* () {
    yield `retry: ${RETRY_MS}\n\n`;
    while (!signal.aborted) {
      const event = await mailbox.take(heartbeatMs);
      if (event !== undefined) yield event;
      else if (!signal.aborted) yield ': still here\n\n';
    }
  })();
};

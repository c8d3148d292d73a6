import { config } from '../../config/config.ts';
import { Problem } from '../../problems/problem.ts';
import { subscribe } from '../../redis/index.ts';
import { hearCommands } from '../control/commands.ts';
import { keepSummary, printSummary, readSummary, summaryChannel } from './summary-cache.ts';

/** The browser dials again so soon after the stream has ended, which it does whenever the instance does. */
const RETRY_MS = 2_000;
const HEARTBEAT_MS = 15_000;

type Listener = (text: string) => void;

const listeners = new Set<Listener>();
let subscription: Promise<void> | undefined;

const tellAll = (text: string): void => {
  for (const listener of listeners) listener(text);
};

const currentText = async (): Promise<string | undefined> => {
  try {
    return (await readSummary(Date.now())).text;
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return undefined;
    throw error;
  }
};

/** What was told while the connection was down has not arrived: whatever is current now may be new. */
const catchUp = (): void => {
  currentText().then(
    (text) => text !== undefined && tellAll(text),
    () => {},
  );
};

const connect = async (): Promise<void> => {
  const source = config().feed;
  const onMessage = (text: string) => {
    keepSummary(source, text, Date.now());
    tellAll(text);
  };
  await subscribe(summaryChannel(source), { onMessage, onResume: catchUp });
  await hearCommands();
};

/** Opens the instance's one subscription, which stays; a try that failed is forgotten. @throws Problem redis-unavailable */
const listen = async (): Promise<void> => {
  subscription ??= connect();
  try {
    await subscription;
  } catch (error) {
    subscription = undefined;
    throw error;
  }
};

/**
 * Lets this instance hear of every refresh, so that it drops at once what it holds in memory. Without it, when that
 * fails, the memory is at most a second behind.
 */
export const hearRefreshes = async (): Promise<void> => {
  if (subscription === undefined) await listen().catch(() => {});
};

/** The newest text that nobody has taken yet: a slow reader misses what is out of date, and holds up nobody. */
const createMailbox = (signal: AbortSignal) => {
  let waiting: string | undefined;
  let wake = () => {};
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    put: (text: string): void => {
      waiting = text;
      wake();
    },
    /** The next text, or undefined after `ms` milliseconds or at the signal. */
    take: async (ms: number): Promise<string | undefined> => {
      if (waiting === undefined && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const text = waiting;
      waiting = undefined;
      return text;
    },
  };
};

const printEvent = (text: string): string => {
  const { json, latestMs } = printSummary(text, Date.now());
  return `event: summary\nid: ${latestMs}\ndata: ${json}\n\n`;
};

/**
 * Server-Sent Events: the summary at once and after every refresh anywhere that added samples, a comment every 15
 * seconds in between, until `signal`. All listeners of an instance share one subscription.
 * @throws Problem redis-unavailable, before the first event
 */
export const followSummary = async (
  signal: AbortSignal,
  heartbeatMs = HEARTBEAT_MS,
): Promise<AsyncIterable<string>> => {
  const mailbox = createMailbox(signal);
  await listen();
  // Who hung up meanwhile has nobody to take it off the list.
  if (!signal.aborted) listeners.add(mailbox.put);
  signal.addEventListener('abort', () => listeners.delete(mailbox.put), { once: true });
  // Read after the subscription stands, so that nothing falls in between; what is told while it is read comes instead.
  const first = await currentText();
  if (first !== undefined) mailbox.put(first);
  return (async function* () {
    yield `retry: ${RETRY_MS}\n\n`;
    while (!signal.aborted) {
      const text = await mailbox.take(heartbeatMs);
      if (text !== undefined) yield printEvent(text);
      else if (!signal.aborted) yield ': still here\n\n';
    }
  })();
};

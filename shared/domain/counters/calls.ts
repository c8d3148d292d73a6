import { randomUUID } from 'node:crypto';
import { redis, runScript, script } from '../../redis/index.ts';
import { onceASecond } from '../../timing.ts';
import { Collection } from '../documents/collection.ts';

/** Counters with this prefix count the calls of each function. Only this module writes them. */
export const CALLS_PREFIX = 'calls:';
export const isCallsCounter = (name: string): boolean => name.startsWith(CALLS_PREFIX);

/** Longer than an instance keeps retrying one batch. */
const RECEIPT_SECONDS = 3_600;

/**
 * KEYS: counter, index of its part, receipt of this instance. ARGV: calls, name, number of the batch, lifetime of the receipt
 * in seconds. Reply: nil. A script because a batch must be added exactly once: after a timeout its sender cannot know whether
 * it was added, and sends it again.
 */
const ADD = script(`
if tonumber(redis.call('GET', KEYS[3]) or 0) >= tonumber(ARGV[3]) then return end
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[4])
if redis.call('INCRBY', KEYS[1], ARGV[1]) == tonumber(ARGV[1]) then redis.call('ZADD', KEYS[2], 0, ARGV[2]) end
`);

/** The calls of one function that may not be stored yet. */
interface Tally {
  readonly name: string;
  waiting: number;
  /** Sent, but not confirmed. It is sent again with the same number before any other. */
  batch: { readonly number: number; readonly calls: number } | undefined;
  batches: number;
}

const counters = new Collection('counters');
const instance = randomUUID();
const tallies = new Map<string, Tally>();

const tallyOf = (functionName: string): Tally => {
  const found = tallies.get(functionName);
  if (found !== undefined) return found;
  const tally: Tally = { name: `${CALLS_PREFIX}${functionName}`, waiting: 0, batch: undefined, batches: 0 };
  tallies.set(functionName, tally);
  return tally;
};

const store = async (tally: Tally): Promise<void> => {
  if (tally.batch === undefined) {
    tally.batches += 1;
    tally.batch = { number: tally.batches, calls: tally.waiting };
    tally.waiting = 0;
  }
  const { batch } = tally;
  const [document, index] = counters.keys(tally.name);
  const keys = [document, index, `${index}#${tally.name}#${instance}`];
  const args = [String(batch.calls), tally.name, String(batch.number), String(RECEIPT_SECONDS)];
  await redis((client) => runScript(client, ADD, keys, args), { retry: true });
  if (tally.batch === batch) tally.batch = undefined;
};

const storeOnce = async (): Promise<void> => {
  const unstored = [...tallies.values()].filter(({ waiting, batch }) => waiting > 0 || batch !== undefined);
  await Promise.all(unstored.map(store));
};

/** Stores the counts of this instance. @throws Problem redis-unavailable; they are then kept for the next time */
export const storeCalls = async (): Promise<void> => {
  await storeOnce();
  // A second time for calls counted while the first batch was being sent.
  await storeOnce();
};

const storeNowAndThen = onceASecond(storeOnce);

/**
 * Counts a call of a function in memory, and stores the counts once a second.
 * @param now epoch milliseconds, of a clock that may jump
 * @returns a promise when it stores them, as `onceASecond` does
 */
export const countCall = (functionName: string, now?: number): Promise<void> | undefined => {
  tallyOf(functionName).waiting += 1;
  return storeNowAndThen(now);
};

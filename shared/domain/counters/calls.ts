import { randomUUID } from 'node:crypto';
import { redis, runScript, script } from '../../redis/index.ts';
import { onceASecond } from '../../timing.ts';
import { Collection } from '../documents/collection.ts';

/** Counters of this form count the calls of the functions; only this module writes them. */
export const CALLS_PREFIX = 'calls:';
export const isCallsCounter = (name: string): boolean => name.startsWith(CALLS_PREFIX);

/** Longer than an instance goes on trying to store one batch. */
const RECEIPT_SECONDS = 3_600;

/**
 * KEYS: counter, index of its part, receipt of this instance. ARGV: calls, name, number of the batch, seconds that the
 * receipt lives. Reply: nil. A script because a batch must be added once, however often it is sent: whether one that
 * timed out was added, its sender cannot know.
 */
const ADD = script(`
if tonumber(redis.call('GET', KEYS[3]) or 0) >= tonumber(ARGV[3]) then return end
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[4])
if redis.call('INCRBY', KEYS[1], ARGV[1]) == tonumber(ARGV[1]) then redis.call('ZADD', KEYS[2], 0, ARGV[2]) end
`);

/** The calls of one function that are not known to be stored. */
interface Tally {
  readonly name: string;
  waiting: number;
  /** Under way, or sent without an answer: sent again, under its number, before any other. */
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

/** Stores what this instance has counted so far. @throws Problem redis-unavailable; what is not stored is kept for later */
export const storeCalls = async (): Promise<void> => {
  await storeOnce();
  // A second time for what came while a batch was on its way already.
  await storeOnce();
};

const storeNowAndThen = onceASecond(storeOnce);

/**
 * Counts a call of a function, in memory. Once a second the counts are stored, while Redis answers.
 * @param now milliseconds, of a clock that may jump
 * @returns a promise when they are, as `onceASecond` gives it
 */
export const countCall = (functionName: string, now?: number): Promise<void> | undefined => {
  tallyOf(functionName).waiting += 1;
  return storeNowAndThen(now);
};

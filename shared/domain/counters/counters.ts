import * as z from 'zod';
import { Problem } from '../../problems/problem.ts';
import { isRefusedByRedis, redis, runScript, script } from '../../redis/index.ts';
import { etagOf } from '../../stored-text.ts';
import { CHECK, Collection } from '../documents/collection.ts';
import { nextCursor, paging } from '../documents/paging.ts';
import { ALWAYS, type Precondition, preconditionFailed, printCondition } from '../documents/precondition.ts';
import { CALLS_PREFIX, isCallsCounter, storeCalls } from './calls.ts';

const NAME = /^[A-Za-z0-9._:-]{1,128}$/;
const DAY_SECONDS = 86_400;

export const counterName = z
  .string()
  .regex(NAME, 'Must be 1 to 128 letters, digits or . _ : -')
  .meta({ example: 'visits', description: '1–128 letters, digits or `. _ : -`' });

const value = z.int().meta({ description: 'An integer from −(2^53 − 1) to 2^53 − 1' });
export const counter = z.strictObject({ name: counterName, value }).meta({ id: 'Counter' });
export const counterPage = z
  .strictObject({ counters: z.array(counter), next_cursor: nextCursor })
  .meta({ id: 'CounterPage' });
export const increment = z.strictObject({ by: value.default(1) }).meta({ id: 'Increment' });
export const counterValue = z.strictObject({ value }).meta({ id: 'CounterValue' });
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'Must be 1 to 255 visible ASCII characters')
  .optional()
  .meta({ description: 'Within 24 hours, the same key gets the first answer again, even a refusal, and adds nothing' });
export const counterListQuery = z.strictObject({
  prefix: z.string().max(128).default('').meta({ description: 'Only names that start with this' }),
  limit: paging.limit,
  cursor: counterName.optional().meta({ description: '`next_cursor` of the previous page' }),
});

type Counter = z.infer<typeof counter>;

/** @throws Problem conflict */
const assertWritable = (name: string): void => {
  if (!isCallsCounter(name)) return;
  throw new Problem('conflict', `"${name}" counts the calls of a function. It is read-only.`);
};

/**
 * KEYS: counter, index of its part; with an idempotency key also the answers kept by its part, and their end times. ARGV:
 * amount, name, precondition; with a key also the name of the answer, and the seconds to keep it. Reply: {1, value as text,
 * because node-redis reads 2^53 − 1 as 2^53}; {-1} the key was used with another amount; {-2} the sum is out of range; {-3}
 * precondition failed. A script so that a sum out of range is never visible, and the counter and its answer, even a
 * refusal, change in one step. The answers do not expire in Redis, because a full Redis evicts what does, and a retry would
 * then add twice. Instead, each use deletes up to a hundred that have ended.
 */
const ADD = script(`${CHECK}
local now = redis.call('TIME')[1]
local function keep(outcome, value)
  if KEYS[3] then
    redis.call('HSET', KEYS[3], ARGV[4], table.concat({ARGV[1], outcome, value}, ' '))
    redis.call('ZADD', KEYS[4], now + ARGV[5], ARGV[4])
  end
  return {outcome, value}
end
local ended = KEYS[3] and redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now, 'LIMIT', 0, 100) or {}
if #ended > 0 then
  redis.call('HDEL', KEYS[3], unpack(ended))
  redis.call('ZREM', KEYS[4], unpack(ended))
end
local seen = KEYS[3] and redis.call('HGET', KEYS[3], ARGV[4])
if seen then
  local by, outcome, value = string.match(seen, '^(%S+) (%S+) ?(%S*)$')
  if by ~= ARGV[1] then return {-1} end
  return {tonumber(outcome), value ~= '' and value or nil}
end
if not check(KEYS[1], ARGV[3]) then return keep(-3) end
local value = redis.call('INCRBY', KEYS[1], ARGV[1])
if value > 9007199254740991 or value < -9007199254740991 then
  redis.call('DECRBY', KEYS[1], ARGV[1])
  return keep(-2)
end
if value == tonumber(ARGV[1]) then redis.call('ZADD', KEYS[2], 0, ARGV[2]) end
return keep(1, string.format('%.0f', value))
`);

const addReply = z.union([
  z.tuple([z.literal(1), z.coerce.number().pipe(z.int())]),
  z.tuple([z.literal([-1, -2, -3])]),
]);

const counters = new Collection('counters');

/** Stores this instance's counts, so that a read includes them. A full Redis refuses that, but can still be read. */
const storeOwnCalls = async (): Promise<void> => {
  try {
    await storeCalls();
  } catch (error) {
    if (!isRefusedByRedis(error)) throw error;
  }
};

export const counterEtag = ({ value }: Counter): string => etagOf(String(value));

/** @throws Problem not-found, redis-unavailable */
export const getCounter = async (name: string): Promise<Counter> => {
  if (isCallsCounter(name)) await storeOwnCalls();
  const text = await counters.get(name);
  if (text === null) {
    const hint = isCallsCounter(name) ? 'No call of that function has been counted.' : 'POST creates it.';
    throw new Problem('not-found', `There is no counter "${name}". ${hint}`);
  }
  return { name, value: Number(text) };
};

const refusals = {
  [-1]: 'This Idempotency-Key was used with another amount. Use a new key for a new request.',
  [-2]: 'The sum is outside −(2^53 − 1) to 2^53 − 1. Nothing was changed.',
} as const;

/**
 * Adds `by` to the counter; a new one starts at 0. With the same idempotency key, a repetition within 24 hours adds
 * nothing and gets the first answer again, even a refusal.
 * @throws Problem conflict (out of range, key used with another amount, or a counter of calls), precondition-failed,
 * redis-unavailable
 */
export const addToCounter = async (
  name: string,
  by: number,
  { key, condition = ALWAYS }: { readonly key?: string | undefined; readonly condition?: Precondition } = {},
): Promise<Counter> => {
  assertWritable(name);
  const [document, index] = counters.keys(name);
  const keys = [document, index];
  const args = [String(by), name, printCondition(condition)];
  if (key !== undefined) {
    keys.push(`${index}#answers`, `${index}#ends`);
    args.push(`${name}#${key}`, String(DAY_SECONDS));
  }
  const reply = await redis((client) => runScript(client, ADD, keys, args), { retry: key !== undefined });
  const [outcome, sum] = addReply.parse(reply);
  if (sum !== undefined) return { name, value: sum };
  throw outcome === -3 ? preconditionFailed() : new Problem('conflict', refusals[outcome === -1 ? -1 : -2]);
};

/** @throws Problem conflict, precondition-failed, redis-unavailable */
export const setCounter = async (name: string, to: number, condition: Precondition = ALWAYS): Promise<Counter> => {
  assertWritable(name);
  if ((await counters.put(name, String(to), condition)) === 'refused') throw preconditionFailed();
  return { name, value: to };
};

/** @throws Problem not-found, conflict, precondition-failed, redis-unavailable */
export const deleteCounter = async (name: string, condition: Precondition): Promise<void> => {
  assertWritable(name);
  const result = await counters.delete(name, condition);
  if (result === 'absent') throw new Problem('not-found', `There is no counter "${name}".`);
  if (result === 'refused') throw preconditionFailed();
};

/** A page of counters, ordered by name. @throws Problem redis-unavailable */
export const listCounters = async (query: z.infer<typeof counterListQuery>): Promise<z.infer<typeof counterPage>> => {
  if (CALLS_PREFIX.startsWith(query.prefix) || isCallsCounter(query.prefix)) await storeOwnCalls();
  const { entries, last } = await counters.list({ prefix: query.prefix, after: query.cursor, limit: query.limit });
  return {
    counters: entries.map(({ id, text }) => ({ name: id, value: Number(text) })),
    next_cursor: last ?? null,
  };
};

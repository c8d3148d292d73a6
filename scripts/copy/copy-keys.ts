import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import type { Store, StoreNode } from './store.ts';

/** KEYS: the key. Replies its type, its TTL in milliseconds (below 0: none) and its parts, in one step. */
const READ = `
local key = KEYS[1]
local kind = redis.call('TYPE', key).ok
local parts = {}
if kind == 'string' then parts = { redis.call('GET', key) }
elseif kind == 'hash' then parts = redis.call('HGETALL', key)
elseif kind == 'list' then parts = redis.call('LRANGE', key, 0, -1)
elseif kind == 'set' then parts = redis.call('SMEMBERS', key)
elseif kind == 'zset' then
  local found = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  for i = 1, #found, 2 do parts[i] = found[i + 1] parts[i + 1] = found[i] end
end
return { kind, redis.call('PTTL', key), parts }`;

/**
 * KEYS: the key. ARGV: its type, its TTL, `replace` or `keep`, its parts. What was there before is replaced in one step,
 * or kept. Replies whether it wrote.
 */
const WRITE = `
local commands = { string = 'SET', hash = 'HSET', list = 'RPUSH', set = 'SADD', zset = 'ZADD' }
if ARGV[3] == 'keep' and redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[1])
for i = 4, #ARGV, 1000 do
  redis.call(commands[ARGV[1]], KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
local ttl = tonumber(ARGV[2])
if ttl >= 0 then redis.call('PEXPIRE', KEYS[1], math.max(ttl, 1)) end
return 1`;

const KINDS = ['none', 'string', 'hash', 'list', 'set', 'zset'];

const text = z.instanceof(Buffer).transform(String);
const value = z.tuple([text, z.number(), z.array(z.instanceof(Buffer))]);
type Value = z.infer<typeof value>;
const page = z.tuple([text, z.array(z.instanceof(Buffer))]);

/** @throws Error for a type that is not copied, such as a stream */
const read = async (store: Store, key: Buffer): Promise<Value> => {
  const found = value.parse(await store.send(key, ['EVAL', READ, '1', key]));
  if (!KINDS.includes(found[0])) throw new Error(`${key} is a ${found[0]}; copy knows ${KINDS.slice(1).join(', ')}`);
  return found;
};

/**
 * Copies one key as it is now, with its TTL. Scripts of plain commands, not DUMP and RESTORE: an older server refuses
 * the payload of a newer one, and a copy must go both ways.
 * @param existing what to do with a key that the target has
 * @returns whether it was written: false when the source has it no more, or the target keeps its own
 */
export const copyKey = async (
  from: Store,
  to: Store,
  key: Buffer,
  existing: 'replace' | 'keep' = 'replace',
): Promise<boolean> => {
  const [kind, ttlMs, parts] = await read(from, key);
  if (kind === 'none') return false;
  return (await to.send(key, ['EVAL', WRITE, '1', key, kind, String(ttlMs), existing, ...parts])) === 1;
};

/** A key's TTL may differ by the time that its copying took. */
const TTL_TOLERANCE_MS = 5_000;

/** Pairs of a hash or a sorted set and members of a set have no order; servers print the same score differently. */
const printValue = ([kind, , parts]: Value): string => {
  if (kind === 'string' || kind === 'list') return [kind, ...parts.map((part) => part.toString('base64'))].join('\n');
  const step = kind === 'set' ? 1 : 2;
  const printed = parts.map((part, at) =>
    kind === 'zset' && at % 2 === 0 ? String(Number(part)) : part.toString('base64'),
  );
  const groups = printed.flatMap((_, at) => (at % step === 0 ? [printed.slice(at, at + step).join(' ')] : []));
  return [kind, ...groups.sort()].join('\n');
};

/** Whether both have the same value for `key`, and about the same TTL. */
export const isEqual = async (from: Store, to: Store, key: Buffer): Promise<boolean> => {
  const [a, b] = await Promise.all([read(from, key), read(to, key)]);
  const isSameTtl = a[1] < 0 === b[1] < 0 && Math.abs(a[1] - b[1]) <= TTL_TOLERANCE_MS;
  return isSameTtl && printValue(a) === printValue(b);
};

/** Keys of one SCAN: a hundred values of 1 MiB still fit in memory. */
const PAGE_KEYS = 100;
const ATTEMPTS = 10;

/** Tries again when a connection breaks: every step of a copy may be done twice. */
const patiently = async <T>(step: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      const isBroken = error instanceof Error && /socket|closed|connect|LOADING|CLUSTERDOWN/i.test(error.message);
      if (!isBroken || attempt === ATTEMPTS) throw error;
      await pause(1_000);
    }
  }
};

/** Hands over the keys of one node page by page, from `cursor` on; each page is handled before the next is read. */
export const eachPage = async (
  node: StoreNode,
  cursor: string,
  handle: (keys: readonly Buffer[], next: string) => Promise<void>,
): Promise<void> => {
  let at = cursor;
  do {
    const scan = ['SCAN', at, 'COUNT', String(PAGE_KEYS)];
    const [next, keys] = await patiently(async () => page.parse(await node.send(scan)));
    await patiently(() => handle(keys, next));
    at = next;
  } while (at !== '0');
};

export const countKeys = async (store: Store): Promise<number> => {
  const sizes = await Promise.all((await store.nodes()).map(({ send }) => send(['DBSIZE'])));
  return sizes.reduce<number>((sum, size) => sum + z.number().parse(size), 0);
};

import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import type { Store, StoreNode } from './store.ts';

/** KEYS: the key. Replies atomically with its type, its TTL in milliseconds (negative: none) and its parts. */
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
 * KEYS: the key. ARGV: its type, its TTL, `replace` or `keep`, its parts. Atomically replaces an existing value, or keeps
 * it. Replies 1 if it wrote.
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

const KINDS = ['string', 'hash', 'list', 'set', 'zset'];

const text = z.instanceof(Buffer).transform(String);
const value = z.tuple([text, z.number(), z.array(z.instanceof(Buffer))]);
type Value = z.infer<typeof value>;
const page = z.tuple([text, z.array(z.instanceof(Buffer))]);

/** @throws Error for a type that cannot be copied, such as a stream */
const read = async (store: Store, key: Buffer): Promise<Value> => {
  const found = value.parse(await store.send(key, ['EVAL', READ, '1', key]));
  const [kind] = found;
  if (kind !== 'none' && !KINDS.includes(kind)) {
    throw new Error(`${key} is a ${kind}. Only these types can be copied: ${KINDS.join(', ')}.`);
  }
  return found;
};

/**
 * Copies one key with its TTL. DUMP and RESTORE would be simpler, but an older server rejects the payload of a newer one.
 * @param existing what to do with a key that the target already has
 * @returns false if the source no longer has the key, or the target keeps its own
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

/** TTLs may differ by the time that it took to copy the key. */
const TTL_TOLERANCE_MS = 5_000;

/** The elements of a hash, set or sorted set are sorted for comparison. Servers also format the same score differently. */
const printValue = ([kind, , parts]: Value): string => {
  if (kind === 'string' || kind === 'list') return [kind, ...parts.map((part) => part.toString('base64'))].join('\n');
  const step = kind === 'set' ? 1 : 2;
  const printed = parts.map((part, at) =>
    kind === 'zset' && at % 2 === 0 ? String(Number(part)) : part.toString('base64'),
  );
  const groups = printed.flatMap((_, at) => (at % step === 0 ? [printed.slice(at, at + step).join(' ')] : []));
  return [kind, ...groups.sort()].join('\n');
};

/** Whether both stores have the same value for `key`, with about the same TTL. */
export const isEqual = async (from: Store, to: Store, key: Buffer): Promise<boolean> => {
  const [a, b] = await Promise.all([read(from, key), read(to, key)]);
  const isSameTtl = a[1] < 0 === b[1] < 0 && Math.abs(a[1] - b[1]) <= TTL_TOLERANCE_MS;
  return isSameTtl && printValue(a) === printValue(b);
};

/** Keys per SCAN. A hundred values of 1 MiB still fit in memory. */
const PAGE_KEYS = 100;
const ATTEMPTS = 10;

/** Retries when a connection breaks. Every step of a copy is safe to repeat. */
const withRetries = async <T>(step: () => Promise<T>): Promise<T> => {
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

/** Passes the keys of one node to `handle`, page by page, starting at `cursor`. Waits for each page before the next SCAN. */
export const eachPage = async (
  node: StoreNode,
  cursor: string,
  handle: (keys: readonly Buffer[], next: string) => Promise<void>,
): Promise<void> => {
  let at = cursor;
  do {
    const scan = ['SCAN', at, 'COUNT', String(PAGE_KEYS)];
    const [next, keys] = await withRetries(async () => page.parse(await node.send(scan)));
    await withRetries(() => handle(keys, next));
    at = next;
  } while (at !== '0');
};

export const countKeys = async (store: Store): Promise<number> => {
  const sizes = await Promise.all((await store.nodes()).map(({ send }) => send(['DBSIZE'])));
  return sizes.reduce<number>((sum, size) => sum + z.number().parse(size), 0);
};

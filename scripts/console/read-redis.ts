import * as z from 'zod';
import { redis } from '../../shared/redis/index.ts';
import type { Stored } from './console-state.ts';

/** Reading all keys of a large Redis once a second would be a fault of its own. */
const MOST_KEYS = 300;
/** How many answers in turn a look at Redis may wait for. */
const TRIPS = 20;

/** The function that writes the keys which begin with this word, behind the brace of a hash tag. */
const OWNERS: Readonly<Record<string, string>> = {
  users: 'user-write',
  samples: 'refresh',
  lock: 'refresh',
  counters: 'counters',
  cache: 'cache',
  items: 'items',
  control: 'control',
  limit: 'rate limit',
};

const ownerOfKey = (key: string): string => {
  const word = /^\{?([\w-]+)/.exec(key)?.[1] ?? '';
  return OWNERS[word] ?? (word || 'others');
};

// Scripts, because the project's client has only the commands that the functions use.
const INFO = "return redis.call('INFO')";
const DESCRIBE = `return {redis.call('TYPE', KEYS[1]).ok, redis.call('PTTL', KEYS[1]), redis.call('MEMORY', 'USAGE', KEYS[1])}`;
/** Reply: how many texts make a line, and the texts. */
const VALUE = `local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'string' then return {1, {redis.call('GETRANGE', KEYS[1], 0, 65535)}} end
if kind == 'hash' then return {2, redis.call('HSCAN', KEYS[1], 0, 'COUNT', 200)[2]} end
if kind == 'zset' then return {2, redis.call('ZRANGE', KEYS[1], 0, 199, 'WITHSCORES')} end
if kind == 'list' then return {1, redis.call('LRANGE', KEYS[1], 0, 199)} end
if kind == 'set' then return {1, redis.call('SSCAN', KEYS[1], 0, 'COUNT', 200)[2]} end
return {1, {'The key is gone.'}}`;

const valueReply = z.tuple([z.int(), z.array(z.string())]);
const described = z.tuple([z.string(), z.int(), z.int().nullable()]);
/** What one look at INFO counts itself: the script, and the command in it. */
const OWN_COMMANDS = 2;
const figure = (info: string, name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);

const info = () =>
  redis(async (_, { primaries }) => {
    const texts = await Promise.all((await primaries()).map((node) => node.eval(INFO, { keys: [], arguments: [] })));
    const sum = (name: string) => texts.reduce<number>((total, text) => total + figure(String(text), name), 0);
    return {
      memory_bytes: sum('used_memory'),
      clients: sum('connected_clients'),
      commands: sum('total_commands_processed'),
    };
  });

const listKeys = () =>
  redis(
    async (client, { primaries }) => {
      const names: string[] = [];
      for (const node of await primaries()) {
        let cursor = '0';
        do {
          const step = await node.scan(cursor, { COUNT: 1_000 });
          names.push(...step.keys);
          ({ cursor } = step);
        } while (cursor !== '0' && names.length <= MOST_KEYS);
      }
      const shown = [...new Set(names)].sort().slice(0, MOST_KEYS);
      const facts = await Promise.all(shown.map((key) => client.eval(DESCRIBE, { keys: [key], arguments: [] })));
      const keys = shown.map((name, at) => {
        const [type, ttl_ms, bytes] = described.parse(facts[at]);
        return { name, owner: ownerOfKey(name), type, ttl_ms: ttl_ms < 0 ? null : ttl_ms, bytes: bytes ?? 0 };
      });
      // A key that expired since it was listed has no type.
      return { keys: keys.filter(({ type }) => type !== 'none'), isCut: names.length > MOST_KEYS };
    },
    { trips: TRIPS },
  );

/** What commands were counted after the last look, so that the console's own are not among those it shows. */
let last: { commands: number; at: number } | undefined;

/** What Redis holds and does, without this look at it. @throws Problem redis-unavailable */
export const readRedis = async (): Promise<Stored> => {
  const before = await info();
  const rate = last && (before.commands - last.commands - OWN_COMMANDS) / ((performance.now() - last.at) / 1_000);
  const listed = await listKeys();
  const after = await info();
  last = { commands: after.commands, at: performance.now() };
  return { ...before, commands_per_second: Math.max(0, Math.round(rate ?? 0)), ...listed };
};

/** The value as text, or its first members, one on each line. */
export const readValue = async (key: string): Promise<string> => {
  const [width, texts] = valueReply.parse(await redis((client) => client.eval(VALUE, { keys: [key], arguments: [] })));
  const lines: string[] = [];
  for (let at = 0; at < texts.length; at += width) lines.push(texts.slice(at, at + width).join('  '));
  return lines.join('\n');
};

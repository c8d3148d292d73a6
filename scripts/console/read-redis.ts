import * as z from 'zod';
import { redis } from '../../shared/redis/index.ts';

/** Reading every key of a large Redis once a second would be a load of its own. */
const MOST_KEYS = 300;
/** Listing the keys takes several round trips, one after another. */
const TRIPS = 20;

// Scripts, because the project's client has only the commands that the functions use.
const INFO = "return redis.call('INFO')";
const DESCRIBE = `return {redis.call('TYPE', KEYS[1]).ok, redis.call('PTTL', KEYS[1]), redis.call('MEMORY', 'USAGE', KEYS[1])}`;
/** Reply: the number of texts in a line, and the texts. */
const VALUE = `local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'string' then return {1, {redis.call('GETRANGE', KEYS[1], 0, 65535)}} end
if kind == 'hash' then return {2, redis.call('HSCAN', KEYS[1], 0, 'COUNT', 200)[2]} end
if kind == 'zset' then return {2, redis.call('ZRANGE', KEYS[1], 0, 199, 'WITHSCORES')} end
if kind == 'none' then return {1, {'The key is gone.'}} end
return {1, {'The console cannot show a value of type ' .. kind .. '.'}}`;

const valueReply = z.tuple([z.int(), z.array(z.string())]);
const description = z.tuple([z.string(), z.int(), z.int().nullable()]);

const info = () =>
  redis(async (_, { primaries }) => {
    const texts = await Promise.all((await primaries()).map((node) => node.eval(INFO, { keys: [], arguments: [] })));
    const sum = (name: string) =>
      texts.reduce<number>(
        (total, text) => total + Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(String(text))?.[1] ?? 0),
        0,
      );
    return {
      memory_bytes: sum('used_memory'),
      clients: sum('connected_clients'),
      commands: sum('total_commands_processed'),
    };
  });

const listKeys = () =>
  redis(
    async (client, { primaries }) => {
      const names = new Set<string>();
      for (const node of await primaries()) {
        let cursor = '0';
        do {
          const step = await node.scan(cursor, { COUNT: 1_000 });
          for (const key of step.keys) names.add(key);
          ({ cursor } = step);
        } while (cursor !== '0' && names.size <= MOST_KEYS);
      }
      const shown = [...names].sort().slice(0, MOST_KEYS);
      const replies = await Promise.all(shown.map((key) => client.eval(DESCRIBE, { keys: [key], arguments: [] })));
      const keys = shown.map((name, at) => {
        const [type, ttl_ms, bytes] = description.parse(replies[at]);
        return { name, type, ttl_ms: ttl_ms < 0 ? null : ttl_ms, bytes: bytes ?? 0 };
      });
      // A key that has expired since the scan has no type.
      return { keys: keys.filter(({ type }) => type !== 'none'), isCut: names.size > MOST_KEYS };
    },
    { trips: TRIPS },
  );

/** One reading counts two commands of its own: the script, and INFO inside it. */
const OWN_COMMANDS = 2;
/** The count at the end of the last reading, so that the console's own commands are left out. */
let last: { commands: number; at: number } | undefined;

/** What Redis holds and how busy it is. @throws Problem redis-unavailable */
export const readRedis = async () => {
  const before = await info();
  const rate = last && (before.commands - last.commands - OWN_COMMANDS) / ((performance.now() - last.at) / 1_000);
  const listed = await listKeys();
  last = { commands: (await info()).commands, at: performance.now() };
  return { ...before, commands_per_second: Math.max(0, Math.round(rate ?? 0)), ...listed };
};

export type Stored = Awaited<ReturnType<typeof readRedis>>;

/** The value as text. For a hash or a sorted set, its first members, one per line. */
export const readValue = async (key: string): Promise<string> => {
  const [width, texts] = valueReply.parse(await redis((client) => client.eval(VALUE, { keys: [key], arguments: [] })));
  const lines: string[] = [];
  for (let at = 0; at < texts.length; at += width) lines.push(texts.slice(at, at + width).join('  '));
  return lines.join('\n');
};

import { hash } from 'node:crypto';
import { isIP } from 'node:net';
import { config } from '../config/config.ts';
import { Problem } from '../problems/problem.ts';
import { redis, runScript, script } from '../redis/index.ts';

/** How a client stands with its limit. */
interface Standing {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly window_seconds: number;
  readonly reset_seconds: number;
}

/** Clients over their limit that an instance remembers at most; the oldest are forgotten, and asked about again. */
const MAX_REMEMBERED = 10_000;
/** With Redis away, so long nobody is asked about, so that what needs no Redis does not wait for it. */
const PAUSE_MS = 1_000;
const WINDOW_MS = 60_000;

/** Whether `until` is still to come; a clock that was set back must not keep anything for longer than it was meant. */
const isAhead = (until: number, now: number, atMostMs: number): boolean => now < until && until - now <= atMostMs;

/**
 * KEYS: counter of a client. Reply: calls in this window × 65,536 + milliseconds that the window lasts still: one
 * integer, because a list costs more. The window is a minute from the client's first call on; a sliding one was seen
 * to cost Redis two and a half times as much, and could not say exactly when to come back. A script because a counter
 * without an end would shut a client out for ever: counting and setting the end are one step, and a counter found
 * without one gets it.
 */
const TAKE = script(`
local calls = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 or left > ${WINDOW_MS} then
  left = ${WINDOW_MS}
  redis.call('PEXPIRE', KEYS[1], left)
end
return calls * 65536 + left
`);

/** The first four groups: a home or a server is given a whole /64, so its addresses are one client. */
const networkOf = (address: string): string => {
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const after = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const missing = 8 - groups.length - after.length;
  const all = tail === undefined ? groups : [...groups, ...Array<string>(Math.max(missing, 0)).fill('0'), ...after];
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
};

const IPV4_IN_IPV6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * What stands for a client in a key: its IPv4 address, its IPv6 network, or for what is neither a hash, so that no
 * header can write a key.
 */
export const clientKey = (client: string): string => {
  const address = IPV4_IN_IPV6.exec(client)?.[1] ?? client;
  const kind = isIP(address);
  if (kind === 4) return address;
  return kind === 6 ? networkOf(address) : hash('sha256', client, 'base64url');
};

/** Until when a client over its limit stays so: it does not cost Redis another question. */
const shutOut = new Map<string, number>();
let askAgainAt = 0;

const remember = (key: string, until: number): void => {
  if (shutOut.size >= MAX_REMEMBERED) {
    const [oldest] = shutOut.keys();
    if (oldest !== undefined) shutOut.delete(oldest);
  }
  shutOut.set(key, until);
};

const standing = (calls: number, leftMs: number): Standing => {
  const limit = config().rateLimitPerMinute;
  const reset_seconds = Math.max(1, Math.ceil(leftMs / 1_000));
  return {
    allowed: calls <= limit,
    limit,
    remaining: Math.max(0, limit - calls),
    window_seconds: WINDOW_MS / 1_000,
    reset_seconds,
  };
};

const ask = async (key: string, now: number): Promise<Standing | undefined> => {
  try {
    const reply = Number(await redis((client) => runScript(client, TAKE, [key], [])));
    const leftMs = reply % 65_536;
    const state = standing((reply - leftMs) / 65_536, leftMs);
    if (!state.allowed) remember(key, now + leftMs);
    return state;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    askAgainAt = now + PAUSE_MS;
    return undefined;
  }
};

/**
 * Takes one call of a function off a client's RATE_LIMIT_PER_MINUTE. At once, without Redis, for a client that is known
 * to be over it. Open when Redis is away.
 * @param now milliseconds
 * @returns undefined when there is no limit, or nobody can tell
 */
export const takeCall = (
  functionName: string,
  client: string,
  now = Date.now(),
): Promise<Standing | undefined> | Standing | undefined => {
  const limit = config().rateLimitPerMinute;
  if (limit === 0 || isAhead(askAgainAt, now, PAUSE_MS)) return undefined;
  const key = `limit:${functionName}:${clientKey(client)}`;
  const until = shutOut.get(key);
  if (until !== undefined) {
    if (isAhead(until, now, WINDOW_MS)) return standing(limit + 1, until - now);
    shutOut.delete(key);
  }
  return ask(key, now);
};

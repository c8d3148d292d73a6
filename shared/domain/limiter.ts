import { hash } from 'node:crypto';
import { isIP } from 'node:net';
import { config, defaultBurst } from '../config/config.ts';
import type { LimitState, RateRule } from '../hooks.ts';
import { Problem } from '../problems/problem.ts';
import { redis, runScript, script } from '../redis/index.ts';

/** How many clients over their limit an instance remembers. It forgets the oldest, and asks Redis about it again. */
const MAX_REMEMBERED = 10_000;
/** After a Redis failure, skip the limiter for this long, so requests that need no Redis are not delayed. */
const PAUSE_MS = 1_000;
const MINUTE_MS = 60_000;
/** The units that one call costs. Each millisecond pays back as many units as calls are allowed per minute: no fractions. */
const COST = MINUTE_MS;

/**
 * GCRA: in any stretch of time at most `burst` calls, plus `perMinute` a minute.
 *
 * KEYS: record of a client. Reply: the units that the client owes after this call, or if negative, the units by which it is
 * over its limit, and the call is refused. The record is GCRA's timestamp: its expiry minus `lifeMs` is the time at which it
 * was created, and its value is the units of all calls since. It is replaced when it is missing, when the debt is paid,
 * and when it would expire before the debt is paid. A script because counting and checking must be one step. The numbers
 * are part of its text, which is cheaper for Redis than arguments. Of all that was tried, INCRBY and PTTL cost least.
 */
const takeScript = (perMinute: number, room: number, lifeMs: number) =>
  script(`
local owed = redis.call('INCRBY', KEYS[1], '${COST}')
local left = redis.call('PTTL', KEYS[1])
if left < 0 or left > ${lifeMs} then owed = ${COST}
else owed = owed - (${lifeMs} - left) * ${perMinute} end
if owed > ${room} then
  redis.call('DECRBY', KEYS[1], '${COST}')
  return ${room} - owed
end
if owed <= ${COST} or owed > left * ${perMinute} then
  owed = math.max(owed, ${COST})
  redis.call('SET', KEYS[1], owed, 'PX', '${lifeMs}')
end
return owed
`);

const createPolicy = (perMinute: number, burst: number) => {
  const room = burst * COST;
  const lifeMs = Math.max(MINUTE_MS, 2 * Math.ceil(room / perMinute));
  return { name: `${perMinute}-${burst}`, perMinute, burst, room, take: takeScript(perMinute, room, lifeMs) };
};

type Policy = ReturnType<typeof createPolicy>;

let override: RateRule | undefined;

/** Replaces RATE_LIMIT_PER_MINUTE and RATE_LIMIT_BURST in this instance; undefined restores them. */
export const overrideLimit = (limit: RateRule | undefined): void => {
  override = limit;
};

/** By name: one for all functions, and one for each rate of a route. */
const policies = new Map<string, Policy>();

/** Undefined if there is no limit. 0 calls a minute switch off the limits of routes as well. */
const policyOf = (own: RateRule | undefined) => {
  const { rateLimitPerMinute, rateLimitBurst } = config();
  const general = override ?? { perMinute: rateLimitPerMinute, burst: rateLimitBurst };
  if (general.perMinute === 0) return undefined;
  const { perMinute, burst = defaultBurst(perMinute) } = own ?? general;
  const name = `${perMinute}-${burst}`;
  const known = policies.get(name);
  if (known !== undefined) return known;
  const policy = createPolicy(perMinute, burst);
  policies.set(name, policy);
  return policy;
};

/** The first four groups: a home or a server gets a whole /64, so all of its addresses are one client. */
const networkOf = (address: string): string => {
  const missing = 8 - address.split(':').filter(Boolean).length;
  const groups = address
    .replace('::', `:${'0:'.repeat(missing)}`)
    .split(':')
    .filter(Boolean);
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return network.join(':');
};

const IPV4_IN_IPV6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * A client's name in a key: its IPv4 address or IPv6 network, and a hash of anything else, so that no header can forge a
 * key.
 */
export const clientKey = (client: string): string => {
  const address = IPV4_IN_IPV6.exec(client)?.[1] ?? client;
  const kind = isIP(address);
  if (kind === 4) return address;
  return kind === 6 ? networkOf(address) : hash('sha256', client, 'base64url');
};

/** By client, until when it is over its limit: until then its calls are refused without asking Redis. */
const shutOut = new Map<string, number>();
let askAgainAt = 0;

const remember = (key: string, until: number): void => {
  if (shutOut.size >= MAX_REMEMBERED) {
    const [oldest] = shutOut.keys();
    if (oldest !== undefined) shutOut.delete(oldest);
  }
  shutOut.set(key, until);
};

/** Whether `until` is in the future. If the clock was set back, nothing may last longer than `atMostMs`. */
const isAhead = (until: number, now: number, atMostMs: number): boolean => now < until && until - now <= atMostMs;

/** @param owed the reply of the script */
const standing = ({ perMinute, burst, room }: Policy, owed: number): LimitState => {
  const remaining = owed < 0 ? 0 : Math.floor((room - owed) / COST);
  const unitsToNext = owed < 0 ? -owed : COST - ((room - owed) % COST);
  return {
    allowed: owed >= 0,
    limit: burst,
    remaining,
    window_seconds: Math.ceil((burst * 60) / perMinute),
    reset_seconds: Math.ceil(unitsToNext / perMinute / 1_000),
  };
};

const ask = async (current: Policy, key: string, now: number) => {
  try {
    const owed = Number(await redis((client) => runScript(client, current.take, [key], [])));
    if (owed < 0) remember(key, now - owed / current.perMinute);
    return standing(current, owed);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    askAgainAt = now + PAUSE_MS;
    return undefined;
  }
};

/**
 * Counts one call against a client's limit: RATE_LIMIT_PER_MINUTE and RATE_LIMIT_BURST, or `own`. Asks Redis unless the
 * client is known to be over its limit. Without Redis there is no limit.
 * @param name of the function, or of the route with its own rate: each counts a client separately
 * @param now epoch milliseconds, by the clock of this instance; the limit itself goes by the clock of Redis
 * @returns undefined if there is no limit or Redis is away
 */
export const takeCall = (name: string, client: string, own?: RateRule, now = Date.now()) => {
  const current = policyOf(own);
  if (current === undefined || isAhead(askAgainAt, now, PAUSE_MS)) return undefined;
  const { perMinute } = current;
  const key = `limit:${name}:${current.name}:${clientKey(client)}`;
  const until = shutOut.get(key);
  if (until !== undefined) {
    if (isAhead(until, now, COST / perMinute)) return standing(current, (now - until) * perMinute);
    shutOut.delete(key);
  }
  return ask(current, key, now);
};

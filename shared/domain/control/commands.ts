import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { log } from '../../log.ts';
import { Problem } from '../../problems/problem.ts';
import { redis, runScript, script, subscribe } from '../../redis/index.ts';
import { etagOf } from '../../stored-text.ts';
import { onceASecond } from '../../timing.ts';
import { CHECK } from '../documents/collection.ts';
import { type Precondition, preconditionFailed, printCondition } from '../documents/precondition.ts';
import { catalogue } from './command-catalogue.ts';

const CHANNEL = 'control';
/** One hash tag, so that one script reads them all. */
const keyOf = (name: string): string => `{control}:${name}`;
const names = [...catalogue.keys()];

/** Whatever its parameters are: the catalogue checks those. `id` makes each order a new one, even one given twice. */
const order = z.object({ id: z.string(), parameters: z.record(z.string(), z.unknown()) });

/** KEYS: orders. Reply: for each its text or '', and the milliseconds it has left. A script so that both belong together. */
const READ = script(`
local found = {}
for at, key in ipairs(KEYS) do
  found[2 * at - 1] = redis.call('GET', key) or ''
  found[2 * at] = redis.call('PTTL', key)
end
return found
`);

/**
 * KEYS: order. ARGV: precondition, channel, then text and milliseconds to live, left out to delete it. Reply: how many
 * instances heard it; -1 the precondition does not hold, -2 there is nothing to delete. A script because the check, the
 * write and the news of it must be one step.
 */
const WRITE = script(`${CHECK}
local holds, stored = check(KEYS[1], ARGV[1])
if not stored and not ARGV[3] then return -2 end
if not holds then return -1 end
if ARGV[3] then redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) else redis.call('DEL', KEYS[1]) end
return redis.call('PUBLISH', ARGV[2], '')
`);

const readReply = z.array(z.union([z.string(), z.int()]));

/** Text and milliseconds left of each command, in the catalogue's order; '' for one that is not in force. */
const readOrders = async () => {
  const reply = await redis((client) => runScript(client, READ, names.map(keyOf), []), { retry: true });
  const parts = readReply.parse(reply);
  return names.map((name, at) => ({ name, text: String(parts[2 * at]), leftMs: Number(parts[2 * at + 1]) }));
};

const write = async (name: string, condition: Precondition, stored: string[]): Promise<number> => {
  const args = [printCondition(condition), CHANNEL, ...stored];
  const heard = Number(await redis((client) => runScript(client, WRITE, [keyOf(name)], args)));
  if (heard === -1) throw preconditionFailed();
  if (heard === -2)
    throw new Problem('not-found', `The command "${name}" is not in force. GET /commands lists those that are.`);
  return heard;
};

/**
 * Gives every instance a command, in place of an earlier one of this name.
 * @returns how many instances heard it at once: those with a subscription; on a cluster, a node counts only its own. The
 * others follow with their next call.
 * @throws Problem precondition-failed, redis-unavailable
 */
export const giveCommand = async (
  name: string,
  parameters: z.infer<typeof order>['parameters'],
  ttl_seconds: number,
  condition: Precondition,
) => {
  const text = JSON.stringify({ id: randomUUID(), parameters });
  const heard_at_once = await write(name, condition, [text, String(ttl_seconds * 1_000)]);
  return { answer: { name, parameters, ttl_seconds, heard_at_once }, etag: etagOf(text) };
};

/** Ends a command everywhere. @throws Problem not-found, precondition-failed, redis-unavailable */
export const endCommand = async (name: string, condition: Precondition): Promise<void> => {
  await write(name, condition, []);
};

/** The commands in force. @throws Problem redis-unavailable */
export const listCommands = async () => {
  const orders = (await readOrders()).filter(({ text }) => text !== '');
  return orders.map(({ name, text, leftMs }) => {
    const { parameters } = order.parse(JSON.parse(text));
    return { name, parameters, ttl_seconds: Math.max(1, Math.ceil(leftMs / 1_000)) };
  });
};

/** What this instance has carried out, by name. */
const followed = new Map<string, string>();

const follow = async (): Promise<void> => {
  for (const { name, text } of await readOrders()) {
    if (text === (followed.get(name) ?? '')) continue;
    log.info(text === '' ? 'a command has ended' : 'a command is carried out', { command: name });
    await catalogue.get(name)?.carryOut(text === '' ? undefined : order.parse(JSON.parse(text)).parameters);
    followed.set(name, text);
  }
};

const followAgain = (): void => {
  follow().catch((error) => log.warn('commands cannot be read', { causes: log.causesOf(error) }));
};

/**
 * Hears of commands at once, over the subscription connection that the instance has anyway. Without one, an instance
 * looks with its calls: a second connection in every instance would cost Redis more than the second is worth.
 */
export const hearCommands = (): Promise<void> =>
  subscribe(CHANNEL, { onMessage: followAgain, onResume: followAgain }).catch(() => {});

/** Carries out what was ordered since this instance last looked, while Redis answers. */
export const followCommands = onceASecond(follow);

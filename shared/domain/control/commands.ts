import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { logLevel } from '../../config/config.ts';
import { log } from '../../log.ts';
import { Problem } from '../../problems/problem.ts';
import { redis, rereadSecrets, runScript, script, subscribe } from '../../redis/index.ts';
import { etagOf } from '../../stored-text.ts';
import { onceASecond } from '../../timing.ts';
import { CHECK } from '../documents/collection.ts';
import { type Precondition, preconditionFailed, printCondition } from '../documents/precondition.ts';
import { overrideLimit } from '../limiter.ts';
import { emptyCaches } from '../tag-generation.ts';

/** A command: its parameters, and what an instance does with them. `act` gets undefined when the command ends. */
const command = <S extends z.ZodType>(
  parameters: S,
  act: (given: z.output<S> | undefined) => Promise<void> | void,
) => ({
  parameters,
  /** Checks the stored parameters again, because another version may have stored them. */
  apply: async (stored: unknown): Promise<void> => act(parameters.safeParse(stored).data),
});

const callsAllowed = z.int().max(1_000_000);
const tagName = z.string().regex(/^[a-z0-9-]{1,64}$/, 'Must be 1 to 64 of a–z, 0–9 and -');

/** Every command by its name. To add a command, add a line. No command may carry a secret. */
export const catalogue = new Map([
  ['log-level', command(z.strictObject({ level: logLevel }), (given) => log.overrideLevel(given?.level))],
  [
    'rate-limit',
    command(z.strictObject({ per_minute: callsAllowed.min(0), burst: callsAllowed.min(1).optional() }), (given) =>
      overrideLimit(given && { perMinute: given.per_minute, burst: given.burst }),
    ),
  ],
  ['reread-secrets', command(z.strictObject({}), (given) => given && rereadSecrets())],
  ['empty-cache', command(z.strictObject({ tag: tagName }), (given) => given && emptyCaches(given.tag))],
]);

const CHANNEL = 'control';
/** The keys share a hash tag, so that one script can read them all. */
const keyOf = (name: string): string => `{control}:${name}`;
const names = [...catalogue.keys()];

/** A command in force. Its `id` makes a repeated command a new one. */
const issued = z.object({ id: z.string(), parameters: z.record(z.string(), z.unknown()) });

/** KEYS: commands. Reply: for each its text or '', and the milliseconds left. A script so that both belong together. */
const READ = script(`
local found = {}
for at, key in ipairs(KEYS) do
  found[2 * at - 1] = redis.call('GET', key) or ''
  found[2 * at] = redis.call('PTTL', key)
end
return found
`);

/**
 * KEYS: command. ARGV: precondition, channel; then text and milliseconds to live, or nothing to delete it. Reply: how many
 * subscribers were notified, -1 precondition failed, -2 nothing to delete. A script because check, write and notification
 * must be one step.
 */
const WRITE = script(`${CHECK}
local holds, stored = check(KEYS[1], ARGV[1])
if not stored and not ARGV[3] then return -2 end
if not holds then return -1 end
if ARGV[3] then redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) else redis.call('DEL', KEYS[1]) end
return redis.call('PUBLISH', ARGV[2], '')
`);

const readReply = z.array(z.union([z.string(), z.int()]));

/** Text and milliseconds left of each command in the catalogue; the text is '' unless the command is in force. */
const readCommands = async () => {
  const reply = await redis((client) => runScript(client, READ, names.map(keyOf), []), { retry: true });
  const parts = readReply.parse(reply);
  return names.map((name, at) => ({ name, text: String(parts[2 * at]), leftMs: Number(parts[2 * at + 1]) }));
};

const parametersOf = (text: string) => issued.parse(JSON.parse(text)).parameters;

const write = async (name: string, condition: Precondition, stored: string[]): Promise<number> => {
  const args = [printCondition(condition), CHANNEL, ...stored];
  const notified = Number(await redis((client) => runScript(client, WRITE, [keyOf(name)], args)));
  if (notified === -1) throw preconditionFailed();
  if (notified === -2)
    throw new Problem('not-found', `The command "${name}" is not in force. GET /commands lists those that are.`);
  return notified;
};

/**
 * Issues a command to every instance. It replaces an earlier one of the same name.
 * @returns `heard_at_once`: how many instances were notified, namely those with a subscription; on a cluster, only those
 * of one node. The others apply the command with their next call.
 * @throws Problem precondition-failed, redis-unavailable
 */
export const issueCommand = async (
  name: string,
  parameters: ReturnType<typeof parametersOf>,
  ttl_seconds: number,
  condition: Precondition,
) => {
  const text = JSON.stringify({ id: randomUUID(), parameters });
  const heard_at_once = await write(name, condition, [text, String(ttl_seconds * 1_000)]);
  return { answer: { name, parameters, ttl_seconds, heard_at_once }, etag: etagOf(text) };
};

/** Ends a command on every instance. @throws Problem not-found, precondition-failed, redis-unavailable */
export const endCommand = async (name: string, condition: Precondition): Promise<void> => {
  await write(name, condition, []);
};

/** The commands in force. @throws Problem redis-unavailable */
export const listCommands = async () => {
  const inForce = (await readCommands()).filter(({ text }) => text !== '');
  return inForce.map(({ name, text, leftMs }) => {
    return { name, parameters: parametersOf(text), ttl_seconds: Math.max(1, Math.ceil(leftMs / 1_000)) };
  });
};

/** The text of each command that this instance has applied. */
const applied = new Map<string, string>();

const apply = async (): Promise<void> => {
  for (const { name, text } of await readCommands()) {
    if (text === (applied.get(name) ?? '')) continue;
    log.info(text === '' ? 'command ended' : 'command applied', { command: name });
    await catalogue.get(name)?.apply(text === '' ? undefined : parametersOf(text));
    applied.set(name, text);
  }
};

const applyNow = (): void => {
  apply().catch((error) => log.warn('commands cannot be read', { causes: log.causesOf(error) }));
};

/**
 * Applies commands as soon as they are issued, through the subscription connection that the instance has already. An
 * instance without one checks with its calls: a second connection for every instance would cost Redis too much.
 */
export const listenForCommands = (): Promise<void> =>
  subscribe(CHANNEL, { onMessage: applyNow, onResume: applyNow }).catch(() => {});

/** Applies the commands issued since this instance last checked, if Redis answers. */
export const applyCommands = onceASecond(apply);

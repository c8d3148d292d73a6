import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { Problem } from '../../problems/problem.ts';
import { etagOf, printJson } from '../../stored-text.ts';
import { numberedCollection } from './numbered-collection.ts';
import { nextCursor } from './paging.ts';
import { ALWAYS, holds, type Precondition } from './precondition.ts';

/** Command lines from older systems send the text of Python's True and False. JSON Schema knows no `i` flag. */
const genderText = z
  .string()
  .regex(/^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$/)
  .transform((text) => text.toLowerCase() === 'true');

const gender = z
  .union([z.boolean(), z.null(), genderText], { error: 'Must be true, false or null' })
  .optional()
  .meta({ description: 'true, false, null or left out; the texts "True" and "False" are taken as well' });

const fields = {
  name: z.string().min(1).max(200),
  email: z.email().max(320),
  age: z.int().min(0).max(150).meta({ description: 'Years' }),
  city: z.string().min(1).max(200),
  height: z.number().min(0),
  weight: z.number().min(0),
  gender,
};

/** A user as a caller sends it. */
export const userInput = z.strictObject(fields).meta({ id: 'UserInput' });

/** RFC 7396: the fields to change; null takes one away, which only `gender` allows. */
export const userPatch = z.strictObject(fields).partial().meta({ id: 'UserPatch' });

/** A user as it is stored and answered. */
export const user = z
  .strictObject({ id: z.int().min(0), ...fields, gender: z.boolean().nullable().optional() })
  .meta({ id: 'User' });

export const userPage = z.strictObject({ users: z.array(user), next_cursor: nextCursor }).meta({ id: 'UserPage' });

type User = z.infer<typeof user>;
type UserInput = z.infer<typeof userInput>;

export const storedUsers = numberedCollection<'users', User>('users', 'user', 'PUT');

/** How long a patch is tried again after others were faster, with random pauses in between. */
const PATCH_MS = 500;
const LONGEST_PAUSE_MS = 32;

/** Replaces the whole document. @throws Problem redis-unavailable */
export const putUser = async (id: number, input: UserInput, condition: Precondition = ALWAYS) => {
  const text = printJson<User>({ id, ...input });
  return { text, result: await storedUsers.put(id, text, condition) };
};

/**
 * Changes some fields without losing a concurrent patch: the write holds only for the text it was made from, else it
 * is made again.
 * @returns the stored JSON; undefined when `condition` does not hold for what is stored
 * @throws Problem not-found, conflict, redis-unavailable
 */
export const patchUser = async (id: number, patch: z.infer<typeof userPatch>, condition: Precondition) => {
  const until = performance.now() + PATCH_MS;
  for (let attempt = 0; attempt === 0 || performance.now() < until; attempt += 1) {
    const before = await storedUsers.get(id);
    const etag = etagOf(before);
    if (!holds(condition, etag)) return undefined;
    const { id: _, ...stored } = user.parse(JSON.parse(before));
    const merged = { ...stored, ...patch };
    const { gender: _gender, ...without } = merged;
    const input = patch.gender === null ? without : merged;
    const { text, result } = await putUser(id, input, { kind: 'tagged', etags: [etag] });
    if (result !== 'refused') return text;
    await pause(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS));
  }
  throw new Problem('conflict', 'Too many others are changing this user at the moment. Try again.');
};

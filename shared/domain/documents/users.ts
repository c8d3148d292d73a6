import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { Problem } from '../../problems/problem.ts';
import { etagOf, printJson } from '../../stored-text.ts';
import { numberedCollection } from './numbered-collection.ts';
import { nextCursor } from './paging.ts';
import { ALWAYS, holds, type Precondition } from './precondition.ts';

/** Command lines for an older system send Python's True and False as text. JSON Schema has no `i` flag. */
const genderText = z
  .string()
  .regex(/^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$/)
  .transform((text) => text.toLowerCase() === 'true');

const gender = z
  .union([z.boolean(), z.null(), genderText], { error: 'Must be true, false or null' })
  .optional()
  .meta({ description: 'true, false, null or left out; the texts "True" and "False" are accepted too' });

const fields = {
  name: z.string().min(1).max(200),
  email: z.email().max(320),
  age: z.int().min(0).max(150).meta({ description: 'Years' }),
  city: z.string().min(1).max(200),
  height: z.number().min(0),
  weight: z.number().min(0),
  gender,
};

/** A user as a client sends it. */
export const userInput = z.strictObject(fields).meta({ id: 'UserInput' });

/** RFC 7396: the fields to change. null removes a field, which only `gender` allows. */
export const userPatch = z.strictObject(fields).partial().meta({ id: 'UserPatch' });

/** A user as it is stored and returned. */
export const user = z
  .strictObject({ id: z.int().min(0), ...fields, gender: z.boolean().nullable().optional() })
  .meta({ id: 'User' });

export const userPage = z.strictObject({ users: z.array(user), next_cursor: nextCursor }).meta({ id: 'UserPage' });

type User = z.infer<typeof user>;
type UserInput = z.infer<typeof userInput>;

export const storedUsers = numberedCollection<'users', User>('users', 'user', 'PUT');

/** How long a patch is retried when other writes get in first. */
const PATCH_MS = 500;
const LONGEST_PAUSE_MS = 32;

/** Replaces the whole document. @throws Problem redis-unavailable */
export const putUser = async (id: number, input: UserInput, condition: Precondition = ALWAYS) => {
  const text = printJson<User>({ id, ...input });
  return { text, result: await storedUsers.put(id, text, condition) };
};

/**
 * Changes some fields without losing a concurrent patch: each write is conditional on the text that it was made from, and is
 * made again if that has changed.
 * @returns the stored JSON; undefined if `condition` does not hold
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
  throw new Problem('conflict', 'Too many other requests are changing this user at the moment. Try again.');
};

import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { etagOf } from '../../etag.ts';
import { assumeJson, type JsonText, printJson } from '../../json-text.ts';
import { Problem } from '../../problems/problem.ts';
import { Collection } from './collection.ts';
import { numericId, toOrdered } from './numeric-id.ts';
import { nextCursor, paging } from './paging.ts';
import type { Precondition } from './precondition.ts';

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
export const userId = numericId;
export const userListQuery = z.strictObject({
  limit: paging.limit,
  cursor: numericId.optional().meta({ description: '`next_cursor` of the page before' }),
});

type User = z.infer<typeof user>;
type UserInput = z.infer<typeof userInput>;

const users = new Collection('users');
/** One of the patches that meet wins each round; the others draw lots for when to try again, for so long. */
const PATCH_MS = 500;
const LONGEST_PAUSE_MS = 32;

const notFound = (id: number) => new Problem('not-found', `There is no user ${id}. PUT /users/${id} creates it.`);

/** The stored JSON of a user. @throws Problem not-found, redis-unavailable */
export const getUser = async (id: number): Promise<JsonText<User>> => {
  const text = await users.get(toOrdered(id));
  if (text === null) throw notFound(id);
  return assumeJson(text);
};

/** Replaces the whole document. @throws Problem redis-unavailable */
export const putUser = async (id: number, input: UserInput, condition: Precondition = '') => {
  const text = printJson<User>({ id, ...input });
  return { text, result: await users.put(toOrdered(id), text, condition) };
};

/**
 * Changes some fields, without losing what a concurrent patch changed: the write holds only for the text it was made
 * from, else it is made again.
 * @returns the stored JSON; undefined when `condition` does not hold for what is stored
 * @throws Problem not-found, conflict, redis-unavailable
 */
export const patchUser = async (id: number, patch: z.infer<typeof userPatch>, condition: Precondition = '') => {
  const until = performance.now() + PATCH_MS;
  for (let attempt = 0; attempt === 0 || performance.now() < until; attempt += 1) {
    const before = await getUser(id);
    const tag = etagOf(before);
    const holds = condition === '' || condition === 'present' || condition.split(',').includes(tag);
    if (!holds) return undefined;
    const { id: _, ...stored } = user.parse(JSON.parse(before));
    const merged = { ...stored, ...patch };
    const { gender: _gender, ...without } = merged;
    const { text, result } = await putUser(id, patch.gender === null ? without : merged, tag);
    if (result !== 'refused') return text;
    await pause(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS));
  }
  throw new Problem('conflict', 'Too many others are changing this user at the moment. Try again.');
};

/** @throws Problem not-found, redis-unavailable */
export const deleteUser = async (id: number, condition: Precondition): Promise<'deleted' | 'refused'> => {
  const result = await users.delete(toOrdered(id), condition);
  if (result === 'absent') throw notFound(id);
  return result;
};

/** A page of users in order of id. */
export const listUsers = async ({
  limit,
  cursor,
}: z.infer<typeof userListQuery>): Promise<JsonText<z.infer<typeof userPage>>> => {
  const after = cursor === undefined ? undefined : toOrdered(cursor);
  const { entries, last } = await users.list({ after, limit });
  const next = last === undefined ? null : String(Number(last));
  return assumeJson(`{"users":[${entries.map(({ text }) => text).join()}],"next_cursor":${JSON.stringify(next)}}`);
};

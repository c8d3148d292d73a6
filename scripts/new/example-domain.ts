import * as z from 'zod';
import { Collection } from '../../shared/domain/documents/collection.ts';
import { type Precondition, preconditionFailed } from '../../shared/domain/documents/precondition.ts';
import { Problem } from '../../shared/problems/problem.ts';
import { assumeJson, type JsonText, printJson } from '../../shared/stored-text.ts';

export const noteName = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/, 'Must be 1 to 64 lowercase letters, digits or hyphens')
  .meta({ example: 'ada' });
export const noteInput = z.strictObject({ text: z.string().min(1).max(1_000) });
/** As stored, and as returned. */
export const note = z.strictObject({ name: noteName, ...noteInput.shape });

type Note = z.infer<typeof note>;

const notes = new Collection('new-things');

/** The stored JSON. @throws Problem not-found, redis-unavailable */
export const getNote = async (name: string): Promise<JsonText<Note>> => {
  const text = await notes.get(name);
  if (text === null) throw new Problem('not-found', `There is no "${name}". PUT /new-things/${name} creates it.`);
  return assumeJson(text);
};

/** Replaces the note. @returns what is stored @throws Problem precondition-failed, redis-unavailable */
export const putNote = async (stored: Note, condition: Precondition): Promise<JsonText<Note>> => {
  const text = printJson(stored);
  if ((await notes.put(stored.name, text, condition)) === 'refused') throw preconditionFailed();
  return text;
};

import * as z from 'zod';
import { Problem } from '../../problems/problem.ts';
import { assumeJson, type JsonText } from '../../stored-text.ts';
import { emptiedTag } from '../tag-generation.ts';
import { Collection, type WriteResult } from './collection.ts';
import { paging } from './paging.ts';
import { ALWAYS, type Precondition, preconditionFailed } from './precondition.ts';

/** The digits of 2^53 − 1: padded to it, ids sort as texts in the order of their numbers. */
const WIDTH = 16;

/** An integer from 0 to 2^53 − 1 in plain decimal digits. */
const numericText = z
  .string()
  .regex(/^(0|[1-9]\d{0,15})$/, 'Must be an integer from 0 to 9007199254740991, in decimal digits')
  .transform(Number)
  .refine(Number.isSafeInteger, 'Must be at most 9007199254740991');

/** An id in a path. */
export const numericId = numericText.meta({
  example: 1,
  description: 'An integer from 0 to 2^53 − 1',
  override: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, pattern: undefined },
});

export const numberedListQuery = z.strictObject({
  limit: paging.limit,
  cursor: numericText.optional().meta({ description: '`next_cursor` of the page before' }),
});

type ListQuery = z.infer<typeof numberedListQuery>;

/** The id by which a collection sorts. */
const toOrdered = (id: number): string => String(id).padStart(WIDTH, '0');

type Page<Name extends string, Document> = Record<Name, Document[]> & { next_cursor: string | null };

/**
 * JSON documents whose ids are numbers, such as users.
 * @param name the plural; `one` and `method` are for messages
 */
export const numberedCollection = <Name extends string, Document>(name: Name, one: string, method: string) => {
  /** Of answers that are made of these documents. */
  const { tag, emptying } = emptiedTag(name);
  const documents = new Collection(name, emptying);

  const notFound = (id: number): Problem =>
    new Problem('not-found', `There is no ${one} ${id}. ${method} /${name}/${id} creates it.`);

  /** The stored JSON; null when there is none. @throws Problem redis-unavailable */
  const find = async (id: number): Promise<JsonText<Document> | null> => {
    const text = await documents.get(toOrdered(id));
    return text === null ? null : assumeJson(text);
  };

  /** The stored JSON. @throws Problem not-found, redis-unavailable */
  const get = async (id: number): Promise<JsonText<Document>> => {
    const text = await find(id);
    if (text === null) throw notFound(id);
    return text;
  };

  /** Writes the whole text if `condition` holds for the stored one. @throws Problem redis-unavailable */
  const put = (id: number, text: JsonText<Document>, condition: Precondition = ALWAYS): Promise<WriteResult> =>
    documents.put(toOrdered(id), text, condition);

  /** @throws Problem not-found, precondition-failed, redis-unavailable */
  const remove = async (id: number, condition: Precondition): Promise<void> => {
    const result = await documents.delete(toOrdered(id), condition);
    if (result === 'absent') throw notFound(id);
    if (result === 'refused') throw preconditionFailed();
  };

  /** A page in order of id. @throws Problem redis-unavailable */
  const list = async ({ limit, cursor }: ListQuery): Promise<JsonText<Page<Name, Document>>> => {
    const after = cursor === undefined ? undefined : toOrdered(cursor);
    const { entries, last } = await documents.list({ after, limit });
    const next = last === undefined ? null : String(Number(last));
    return assumeJson(`{"${name}":[${entries.map(({ text }) => text).join()}],"next_cursor":${JSON.stringify(next)}}`);
  };
  return { tag, notFound, find, get, put, remove, list };
};

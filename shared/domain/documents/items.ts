import * as z from 'zod';
import { assumeJson, type JsonText, printJson } from '../../json-text.ts';
import { Problem } from '../../problems/problem.ts';
import { Collection } from './collection.ts';
import { numericId, toOrdered } from './numeric-id.ts';
import { nextCursor, paging } from './paging.ts';
import type { Precondition } from './precondition.ts';

const fields = {
  name: z.string().min(1).max(200),
  price: z.number().min(0),
};

/** An item as a caller sends it. */
export const itemInput = z.strictObject(fields).meta({ id: 'ItemInput' });
/** An item as it is stored and answered. */
export const item = z.strictObject({ id: z.int().min(0), ...fields }).meta({ id: 'Item' });
export const itemPage = z.strictObject({ items: z.array(item), next_cursor: nextCursor }).meta({ id: 'ItemPage' });
export const itemId = numericId;
export const itemListQuery = z.strictObject({
  limit: paging.limit,
  cursor: numericId.optional().meta({ description: '`next_cursor` of the page before' }),
});

type Item = z.infer<typeof item>;
type ItemInput = z.infer<typeof itemInput>;

const items = new Collection('items');

const notFound = (id: number) => new Problem('not-found', `There is no item ${id}. POST /items/${id} creates it.`);

/** The stored JSON of an item. @throws Problem not-found, redis-unavailable */
export const getItem = async (id: number): Promise<JsonText<Item>> => {
  const text = await items.get(toOrdered(id));
  if (text === null) throw notFound(id);
  return assumeJson(text);
};

/** @returns the stored JSON. @throws Problem conflict when there is one already, redis-unavailable */
export const createItem = async (id: number, input: ItemInput): Promise<JsonText<Item>> => {
  const text = printJson<Item>({ id, ...input });
  const result = await items.put(toOrdered(id), text, 'absent');
  if (result === 'refused')
    throw new Problem('conflict', `There is an item ${id} already. PUT /items/${id} replaces it.`);
  return text;
};

/**
 * Replaces an item that is there.
 * @returns the stored JSON; undefined when `condition` does not hold for what is stored
 * @throws Problem not-found, redis-unavailable
 */
export const replaceItem = async (id: number, input: ItemInput, condition: Precondition) => {
  if (condition === 'absent') {
    await getItem(id);
    return undefined;
  }
  const text = printJson<Item>({ id, ...input });
  const result = await items.put(toOrdered(id), text, condition === '' ? 'present' : condition);
  if (result !== 'refused') return text;
  if (condition === '') throw notFound(id);
  return undefined;
};

/** @throws Problem not-found, redis-unavailable */
export const deleteItem = async (id: number, condition: Precondition): Promise<'deleted' | 'refused'> => {
  const result = await items.delete(toOrdered(id), condition);
  if (result === 'absent') throw notFound(id);
  return result;
};

/** A page of items in order of id. @throws Problem redis-unavailable */
export const listItems = async ({
  limit,
  cursor,
}: z.infer<typeof itemListQuery>): Promise<JsonText<z.infer<typeof itemPage>>> => {
  const after = cursor === undefined ? undefined : toOrdered(cursor);
  const { entries, last } = await items.list({ after, limit });
  const next = last === undefined ? null : String(Number(last));
  return assumeJson(`{"items":[${entries.map(({ text }) => text).join()}],"next_cursor":${JSON.stringify(next)}}`);
};

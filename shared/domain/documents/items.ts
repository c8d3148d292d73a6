import * as z from 'zod';
import { Problem } from '../../problems/problem.ts';
import { etagOf, type JsonText, printJson } from '../../stored-text.ts';
import { numberedCollection } from './numbered-collection.ts';
import { nextCursor } from './paging.ts';
import { holds, type Precondition, preconditionFailed } from './precondition.ts';

const fields = {
  name: z.string().min(1).max(200),
  price: z.number().min(0),
};

/** An item as a client sends it. */
export const itemInput = z.strictObject(fields).meta({ id: 'ItemInput' });
/** An item as it is stored and returned. */
export const item = z.strictObject({ id: z.int().min(0), ...fields }).meta({ id: 'Item' });
export const itemPage = z.strictObject({ items: z.array(item), next_cursor: nextCursor }).meta({ id: 'ItemPage' });

type Item = z.infer<typeof item>;
type ItemInput = z.infer<typeof itemInput>;

export const storedItems = numberedCollection<'items', Item>('items', 'item', 'POST');

/**
 * Creates an item.
 * @returns the stored JSON
 * @throws Problem precondition-failed, conflict if it exists, redis-unavailable
 */
export const createItem = async (id: number, input: ItemInput, condition: Precondition): Promise<JsonText<Item>> => {
  const text = printJson<Item>({ id, ...input });
  if (holds(condition, undefined) && (await storedItems.put(id, text, { kind: 'absent' })) === 'created') return text;
  const stored = await storedItems.find(id);
  if (!holds(condition, stored === null ? undefined : etagOf(stored))) throw preconditionFailed();
  throw new Problem('conflict', `Item ${id} exists already. PUT /items/${id} replaces it.`);
};

/**
 * Replaces an item.
 * @returns the stored JSON
 * @throws Problem not-found, precondition-failed, redis-unavailable
 */
export const replaceItem = async (id: number, input: ItemInput, condition: Precondition): Promise<JsonText<Item>> => {
  const text = printJson<Item>({ id, ...input });
  if (condition.kind === 'absent') await storedItems.get(id);
  else if (
    (await storedItems.put(id, text, condition.kind === 'none' ? { kind: 'present' } : condition)) !== 'refused'
  ) {
    return text;
  }
  throw condition.kind === 'none' ? storedItems.notFound(id) : preconditionFailed();
};

import * as z from 'zod';
import { Problem } from '../../problems/problem.ts';
import { assumeJson, type JsonText } from '../../stored-text.ts';
import { emptiedTag } from '../tag-generation.ts';
import { Collection, type WriteResult } from './collection.ts';
import { paging } from './paging.ts';
import { ALWAYS, type Precondition, preconditionFailed } from './precondition.ts';

/** As long as 2^53 − 1, so that the order of the texts is the order of the numbers. */
const WIDTH = 16;

/** An id in a path: an integer from 0 to 2^53 − 1 in plain decimal digits. */
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

/** The id as a collection orders it. */
const toOrdered = (id: number): string => String(id).padStart(WIDTH, '0');

type Page<Name extends string, Document> = Record<Name, Document[]> & { next_cursor: string | null };

/** JSON documents whose ids are numbers, such as users. `name` is the plural, `one` and `method` are for messages. */
export class NumberedCollection<Name extends string, Document> {
  /** Of answers that are made of these documents. */
  readonly tag: string;
  readonly #name: Name;
  readonly #one: string;
  readonly #method: string;
  readonly #documents: Collection;

  constructor(name: Name, { one, method }: { readonly one: string; readonly method: string }) {
    this.#name = name;
    this.#one = one;
    this.#method = method;
    const { tag, emptying } = emptiedTag(name);
    this.tag = tag;
    this.#documents = new Collection(name, emptying);
  }

  notFound(id: number): Problem {
    const detail = `There is no ${this.#one} ${id}. ${this.#method} /${this.#name}/${id} creates it.`;
    return new Problem('not-found', detail);
  }

  /** The stored JSON; null when there is none. @throws Problem redis-unavailable */
  async find(id: number): Promise<JsonText<Document> | null> {
    const text = await this.#documents.get(toOrdered(id));
    return text === null ? null : assumeJson(text);
  }

  /** The stored JSON. @throws Problem not-found, redis-unavailable */
  async get(id: number): Promise<JsonText<Document>> {
    const text = await this.find(id);
    if (text === null) throw this.notFound(id);
    return text;
  }

  /** Writes the whole text when `condition` holds for what is stored. @throws Problem redis-unavailable */
  put(id: number, text: JsonText<Document>, condition: Precondition = ALWAYS): Promise<WriteResult> {
    return this.#documents.put(toOrdered(id), text, condition);
  }

  /** @throws Problem not-found, precondition-failed, redis-unavailable */
  async delete(id: number, condition: Precondition): Promise<void> {
    const result = await this.#documents.delete(toOrdered(id), condition);
    if (result === 'absent') throw this.notFound(id);
    if (result === 'refused') throw preconditionFailed();
  }

  /** A page in order of id. @throws Problem redis-unavailable */
  async list({ limit, cursor }: z.infer<typeof numberedListQuery>): Promise<JsonText<Page<Name, Document>>> {
    const after = cursor === undefined ? undefined : toOrdered(cursor);
    const { entries, last } = await this.#documents.list({ after, limit });
    const next = last === undefined ? null : String(Number(last));
    const documents = entries.map(({ text }) => text).join();
    return assumeJson(`{"${this.#name}":[${documents}],"next_cursor":${JSON.stringify(next)}}`);
  }
}

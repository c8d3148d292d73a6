import { redis, runScript, type Script, script } from '../../redis/index.ts';
import type { Emptying } from '../tag-generation.ts';
import { ALWAYS, checkLua, type Precondition, printCondition } from './precondition.ts';

/**
 * A collection is split into this many parts. A document and its index entry share the hash tag of their part, so that both
 * change in one step, while the parts spread over a cluster. With another number, stored documents would not be found.
 */
const PARTS = 16;

/** The ETag of a document is its SHA-1, as in `etagOf`. */
export const CHECK = checkLua('redis.sha1hex(text)');

/**
 * KEYS: document, index of its part, and on a single node the generation of its tag. ARGV: new text, precondition, id.
 * Reply: 1 created, 0 replaced, -1 the precondition does not hold. A script because the check, the document and its index
 * entry must be one step for every reader.
 */
const WRITE = script(`${CHECK}
local holds, stored = check(KEYS[1], ARGV[2])
if not holds then return -1 end
redis.call('SET', KEYS[1], ARGV[1])
if KEYS[3] then redis.call('DEL', KEYS[3]) end
if stored then return 0 end
redis.call('ZADD', KEYS[2], 0, ARGV[3])
return 1
`);

/**
 * KEYS: as above. ARGV: id, precondition. Reply: 1 deleted, 0 there was nothing, -1 the precondition does not hold. A
 * script for the same reason.
 */
const REMOVE = script(`${CHECK}
local holds, stored = check(KEYS[1], ARGV[2])
if not stored then return 0 end
if not holds then return -1 end
redis.call('ZREM', KEYS[2], ARGV[1])
if KEYS[3] then redis.call('DEL', KEYS[3]) end
return redis.call('DEL', KEYS[1])
`);

interface ListQuery {
  readonly prefix?: string;
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface Page {
  readonly entries: readonly { readonly id: string; readonly text: string }[];
  /** The id after which the next page starts; undefined at the end. */
  readonly last: string | undefined;
}

export type WriteResult = 'created' | 'replaced' | 'refused';

const part = (name: string): number => {
  let sum = 0;
  for (let at = 0; at < name.length; at += 1) sum = (sum * 31 + name.charCodeAt(at)) % 65_521;
  return sum % PARTS;
};

/**
 * A set of JSON documents in the order of their ids, such as users. `name` is the first word of its keys; `emptying` empties
 * the cached answers that are made of its documents.
 */
export class Collection {
  readonly #name: string;
  readonly #emptying: Emptying;

  constructor(name: string, emptying: Emptying = (write) => write([])) {
    this.#name = name;
    this.#emptying = emptying;
  }

  /** The keys of a document and of its part's index. Other keys of a document start with the index and `#`. */
  keys(id: string): [document: string, index: string] {
    const index = `{${this.#name}:${part(id)}}`;
    return [`${index}:${id}`, index];
  }

  /** The stored text, or null. */
  get(id: string): Promise<string | null> {
    return redis((client) => client.get(this.keys(id)[0]), { retry: true });
  }

  #change(which: Script, id: string, args: string[], retry = false): Promise<unknown> {
    return this.#emptying((generations) =>
      redis((client) => runScript(client, which, [...this.keys(id), ...generations], args), { retry }),
    );
  }

  /** Writes the whole text if `condition` holds for the stored one. */
  async put(id: string, text: string, condition: Precondition = ALWAYS): Promise<WriteResult> {
    const args = [text, printCondition(condition), id];
    const reply = await this.#change(WRITE, id, args, condition.kind === 'none');
    return reply === 1 ? 'created' : reply === 0 ? 'replaced' : 'refused';
  }

  async delete(id: string, condition: Precondition = ALWAYS): Promise<'deleted' | 'absent' | 'refused'> {
    const reply = await this.#change(REMOVE, id, [id, printCondition(condition)]);
    return reply === 1 ? 'deleted' : reply === 0 ? 'absent' : 'refused';
  }

  /**
   * Up to `limit` documents whose ids start with `prefix` and come after `after`, in order of id. Costs the same however many
   * there are: each part returns at most `limit` + 1 ids.
   */
  async list({ prefix = '', after, limit }: ListQuery): Promise<Page> {
    const from = after === undefined || after < prefix ? `[${prefix}` : `(${after}`;
    // One more than a page holds shows whether there is a next page.
    const range = { BY: 'LEX', LIMIT: { offset: 0, count: limit + 1 } } as const;
    return redis(
      async (client) => {
        const indexes = Array.from({ length: PARTS }, (_, at) => `{${this.#name}:${at}}`);
        const parts = await Promise.all(indexes.map((index) => client.zRange(index, from, `(${prefix}\u{ff}`, range)));
        const all = parts.flat().sort();
        const ids = all.slice(0, limit);
        const texts = await Promise.all(ids.map((id) => client.get(this.keys(id)[0])));
        const entries = ids.flatMap((id, at) => (texts[at] == null ? [] : [{ id, text: texts[at] }]));
        return { entries, last: all.length > limit ? ids.at(-1) : undefined };
      },
      { retry: true, trips: 2 },
    );
  }
}

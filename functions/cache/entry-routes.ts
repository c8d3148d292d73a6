import * as z from 'zod';
import {
  cacheIncrement,
  cacheNumber,
  deleteEntry,
  entry,
  entryInput,
  entryJson,
  getEntry,
  incrementEntry,
  newEntry,
  putEntry,
  valueText,
} from '../../shared/domain/cache/cache-entry.ts';
import { keyListQuery, keyPage, listKeys } from '../../shared/domain/cache/cache-list.ts';
import { cacheKey } from '../../shared/domain/cache/stored-entry.ts';
import {
  type Precondition,
  preconditionFailed,
  preconditionHeaders,
} from '../../shared/domain/documents/precondition.ts';
import { createdJson, deleted, ok, okJson } from '../../shared/http/answer.ts';
import { route } from '../../shared/http/route.ts';

const path = z.strictObject({ key: cacheKey });
const example = { key: 'greeting', value: { text: 'hello' }, ttl_seconds: 60 };
const body = { value: example.value, ttl_seconds: example.ttl_seconds };
const headers = { ETag: 'Version of this value, for If-Match' };
const written = {
  200: { description: 'Replaced; the entry.', schema: entry, example, headers },
  201: { description: 'Created; the entry.', schema: entry, example, headers: { ...headers, Location: 'Where it is' } },
};

const write = async (key: string, text: string, ttl: number | null, condition: Precondition) => {
  const { result, etag } = await putEntry(key, text, ttl, condition);
  if (result === 'refused') throw preconditionFailed();
  const json = entryJson(key, text, ttl);
  return result === 'created'
    ? createdJson(`/cache/${encodeURIComponent(key)}`, json, { headers: { etag } })
    : okJson(json, { headers: { etag } });
};

const readKeys = route({
  method: 'GET',
  path: '/cache',
  summary: 'List the keys of the cache, in no order',
  description:
    'A page may hold fewer keys than `limit`, even none, while `next_cursor` is not null. A key that is there all the time is listed at least once.',
  input: { query: keyListQuery },
  answers: { 200: { description: 'A page.', schema: keyPage, example: { keys: ['greeting'], next_cursor: null } } },
  examples: [{ summary: 'List what starts with "session:"', query: { prefix: 'session:' }, status: 200 }],
  handle: async ({ query }) => ok(await listKeys(query)),
});

const createEntry = route({
  method: 'POST',
  path: '/cache',
  summary: 'Set an entry whose key stands in the body',
  description: 'Like PUT, and takes the form `{keyname, keyvalue}` of older systems as well; that never expires.',
  input: { headers: preconditionHeaders, body: newEntry },
  answers: written,
  problems: ['precondition-failed'],
  examples: [
    { summary: 'Set an entry for an hour', body: { key: 'motd', value: 'Welcome', ttl_seconds: 3600 }, status: 201 },
    { summary: 'The form of older systems', body: { keyname: 'color', keyvalue: 'blue' }, status: 201 },
  ],
  handle: ({ headers: condition, body: { key, ttl_seconds } }, { bodyText }) =>
    write(key, valueText(bodyText), ttl_seconds ?? null, condition),
});

const readEntry = route({
  method: 'GET',
  path: '/cache/{key}',
  summary: 'Get an entry',
  description: 'The ETag is the version of the value: each write makes a new one, the same value written again too.',
  input: { path },
  answers: { 200: { description: 'The entry.', schema: entry, example, headers } },
  problems: ['not-found'],
  examples: [{ summary: 'Get an entry that is not there', path: { key: 'nothing' }, status: 404 }],
  handle: async ({ path: { key } }) => {
    const { text, etag, ttl } = await getEntry(key);
    // A plain header: the kernel answers 304 by `etag`, and that would keep an old `ttl_seconds` alive.
    return okJson(entryJson(key, text, ttl), { headers: { etag, 'cache-control': 'no-store' } });
  },
});

const replaceEntry = route({
  method: 'PUT',
  path: '/cache/{key}',
  summary: 'Set an entry; add, replace or compare-and-set with a precondition',
  description:
    '`If-None-Match: *` adds, `If-Match: *` replaces, `If-Match: "<etag>"` compares and sets; 412 when it does not hold. Without `ttl_seconds` it never expires.',
  input: { path, headers: preconditionHeaders, body: entryInput },
  answers: written,
  problems: ['precondition-failed'],
  examples: [{ summary: 'Set an entry for a minute', path: { key: 'greeting' }, body, status: 201 }],
  handle: ({ path: { key }, headers: condition, body: { ttl_seconds } }, { bodyText }) =>
    write(key, valueText(bodyText), ttl_seconds ?? null, condition),
});

const removeEntry = route({
  method: 'DELETE',
  path: '/cache/{key}',
  summary: 'Delete an entry',
  input: { path, headers: preconditionHeaders },
  answers: { 204: { description: 'Deleted.' } },
  problems: ['not-found', 'precondition-failed'],
  examples: [{ summary: 'Delete an entry that is not there', path: { key: 'nothing' }, status: 404 }],
  handle: ({ path: { key }, headers: condition }) => deleted(deleteEntry(key, condition)),
});

const addToEntry = route({
  method: 'POST',
  path: '/cache/{key}/increment',
  summary: 'Add to an entry that holds an integer',
  description:
    'The entry keeps its time to live. A missing one counts as `initial`, is created with `ttl_seconds`, and is a 404 without `initial`.',
  input: { path, headers: preconditionHeaders, body: cacheIncrement.default({ by: 1 }) },
  answers: { 200: { description: 'The sum.', schema: cacheNumber, example: { key: 'hits', value: 1 }, headers } },
  problems: ['not-found', 'conflict', 'precondition-failed'],
  examples: [{ summary: 'Count from 0', path: { key: 'hits' }, body: { by: 1, initial: 0 }, status: 200 }],
  handle: async ({ path: { key }, headers: condition, body: increment }) => {
    const { sum, etag } = await incrementEntry(key, increment, condition);
    return ok(sum, { headers: { etag } });
  },
});

export const entryRoutes = [readKeys, createEntry, readEntry, replaceEntry, removeEntry, addToEntry];

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
import { type Precondition, preconditionHeaders } from '../../shared/domain/documents/precondition.ts';
import { createdJson, deleted, ok, okJson } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';
import { batchRoutes } from './batch-routes.ts';

const path = z.strictObject({ key: cacheKey });
const body = { value: { text: 'hello' }, ttl_seconds: 60 };
const example = { key: 'greeting', ...body };
const headers = { ETag: 'The version of this value, for If-Match' };
const written = {
  200: { description: 'Replaced. The entry.', schema: entry, example, headers },
  201: {
    description: 'Created. The entry.',
    schema: entry,
    example,
    headers: { ...headers, Location: 'The path of the entry' },
  },
};

const write = async (key: string, text: string, ttl: number | null, condition: Precondition) => {
  const { isNew, etag } = await putEntry(key, text, ttl, condition);
  const json = entryJson(key, text, ttl);
  return isNew
    ? createdJson(`/cache/${encodeURIComponent(key)}`, json, { headers: { etag } })
    : okJson(json, { headers: { etag } });
};

const readKeys = route({
  method: 'GET',
  path: '/cache',
  summary: 'List the keys of the cache, in no particular order',
  description:
    'A page may have fewer keys than `limit`, or none, although `next_cursor` is not null. A key that exists throughout is listed at least once.',
  input: { query: keyListQuery },
  answers: { 200: { description: 'One page.', schema: keyPage, example: { keys: ['greeting'], next_cursor: null } } },
  examples: [{ summary: 'List the keys that start with "session:"', query: { prefix: 'session:' }, status: 200 }],
  handle: async ({ query }) => ok(await listKeys(query)),
});

const createEntry = route({
  method: 'POST',
  path: '/cache',
  summary: 'Set an entry, with its key in the body',
  description: 'Like PUT. Also takes `{keyname, keyvalue}`, as older systems send it; such an entry never expires.',
  input: { headers: preconditionHeaders, body: newEntry },
  answers: written,
  problems: ['precondition-failed'],
  examples: [
    { summary: 'Set an entry for an hour', body: { key: 'motd', value: 'Welcome', ttl_seconds: 3600 }, status: 201 },
    { summary: 'As older systems send it', body: { keyname: 'color', keyvalue: 'blue' }, status: 201 },
  ],
  handle: ({ headers: condition, body: { key, ttl_seconds } }, { bodyText }) =>
    write(key, valueText(bodyText), ttl_seconds ?? null, condition),
});

const readEntry = route({
  method: 'GET',
  path: '/cache/{key}',
  summary: 'Get an entry',
  description: 'The ETag is the version of the value. Every write changes it, even a write of the same value.',
  input: { path },
  answers: { 200: { description: 'The entry.', schema: entry, example, headers } },
  problems: ['not-found'],
  examples: [{ summary: 'Get an entry that does not exist', path: { key: 'nothing' }, status: 404 }],
  handle: async ({ path: { key } }) => {
    const { text, etag, ttl } = await getEntry(key);
    // As a plain header: with `etag` the kernel would answer 304, and the client would keep an old `ttl_seconds`.
    return okJson(entryJson(key, text, ttl), { headers: { etag, 'cache-control': 'no-store' } });
  },
});

const replaceEntry = route({
  method: 'PUT',
  path: '/cache/{key}',
  summary: 'Set an entry, or add, replace or compare-and-set with a precondition',
  description:
    '`If-None-Match: *` adds, `If-Match: *` replaces, and `If-Match: "<etag>"` compares and sets. The answer is 412 when the precondition fails. Without `ttl_seconds` the entry never expires.',
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
  examples: [{ summary: 'Delete an entry that does not exist', path: { key: 'nothing' }, status: 404 }],
  handle: ({ path: { key }, headers: condition }) => deleted(deleteEntry(key, condition)),
});

const addToEntry = route({
  method: 'POST',
  path: '/cache/{key}/increment',
  summary: 'Add to an entry that holds an integer',
  description:
    'The entry keeps its time to live. A missing entry is created from `initial` with `ttl_seconds`; without `initial` the answer is 404.',
  input: { path, headers: preconditionHeaders, body: cacheIncrement.default({ by: 1 }) },
  answers: { 200: { description: 'The new value.', schema: cacheNumber, example: { key: 'hits', value: 1 }, headers } },
  problems: ['not-found', 'conflict', 'precondition-failed'],
  examples: [{ summary: 'Start counting at 0', path: { key: 'hits' }, body: { by: 1, initial: 0 }, status: 200 }],
  handle: async ({ path: { key }, headers: condition, body: increment }) => {
    const { sum, etag } = await incrementEntry(key, increment, condition);
    return ok(sum, { headers: { etag } });
  },
});

export const cache = defineFunction({
  name: 'cache',
  summary: 'A cache with expiring values, like Memcache',
  access: 'private',
  limited: false,
  deploy: { memory_mib: 512 },
  routes: [readKeys, createEntry, readEntry, replaceEntry, removeEntry, addToEntry, ...batchRoutes],
});

import * as z from 'zod';
import {
  addToCounter,
  counter,
  counterEtag,
  counterListQuery,
  counterName,
  counterPage,
  counterValue,
  deleteCounter,
  getCounter,
  idempotencyKey,
  increment,
  listCounters,
  setCounter,
} from '../../shared/domain/counters/counters.ts';
import { preconditionFields, preconditionHeaders, readCondition } from '../../shared/domain/documents/precondition.ts';
import { deleted, ok } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';

const path = z.strictObject({ name: counterName });
const example = { name: 'visits', value: 1 };
const headers = { ETag: 'The version of this counter' };

const addHeaders = z
  .object({ 'idempotency-key': idempotencyKey, ...preconditionFields })
  .transform((headers, check) => ({ key: headers['idempotency-key'], condition: readCondition(headers, check) }));

const answer = (found: z.infer<typeof counter>) => ok(found, { etag: counterEtag(found) });

const readCounters = route({
  method: 'GET',
  path: '/counters',
  summary: 'List counters by name',
  input: { query: counterListQuery },
  answers: {
    200: { description: 'One page.', schema: counterPage, example: { counters: [example], next_cursor: null } },
  },
  examples: [{ summary: 'List the call counts of the functions', query: { prefix: 'calls:' }, status: 200 }],
  handle: async ({ query }) => ok(await listCounters(query)),
});

const readCounter = route({
  method: 'GET',
  path: '/counters/{name}',
  summary: 'Read one counter',
  input: { path },
  answers: { 200: { description: 'The counter.', schema: counter, example, headers } },
  problems: ['not-found'],
  examples: [{ summary: 'Read a counter that does not exist', path: { name: 'missing' }, status: 404 }],
  handle: async ({ path: { name } }) => answer(await getCounter(name)),
});

const addCounter = route({
  method: 'POST',
  path: '/counters/{name}',
  summary: 'Add to a counter; a new one starts at 0',
  input: { path, headers: addHeaders, body: increment.default({ by: 1 }) },
  answers: { 200: { description: 'The counter with its new value.', schema: counter, example, headers } },
  problems: ['conflict', 'precondition-failed'],
  examples: [{ summary: 'Count a visit', path: { name: 'visits' }, body: { by: 1 }, status: 200 }],
  handle: async ({ path: { name }, headers, body: { by } }) => answer(await addToCounter(name, by, headers)),
});

const writeCounter = route({
  method: 'PUT',
  path: '/counters/{name}',
  summary: 'Set a counter',
  input: { path, headers: preconditionHeaders, body: counterValue },
  answers: { 200: { description: 'The counter with its new value.', schema: counter, example, headers } },
  problems: ['conflict', 'precondition-failed'],
  examples: [{ summary: 'Set a counter', path: { name: 'stock' }, body: { value: 12 }, status: 200 }],
  handle: async ({ path: { name }, headers, body: { value } }) => answer(await setCounter(name, value, headers)),
});

const removeCounter = route({
  method: 'DELETE',
  path: '/counters/{name}',
  summary: 'Delete a counter',
  input: { path, headers: preconditionHeaders },
  answers: { 204: { description: 'Deleted.' } },
  problems: ['not-found', 'conflict', 'precondition-failed'],
  examples: [{ summary: 'Delete a counter that does not exist', path: { name: 'missing' }, status: 404 }],
  handle: ({ path: { name }, headers: condition }) => deleted(deleteCounter(name, condition)),
});

export const counters = defineFunction({
  name: 'counters',
  summary: 'Count things, and see how often each function is called',
  access: 'private',
  limited: false,
  routes: [readCounters, readCounter, addCounter, writeCounter, removeCounter],
});

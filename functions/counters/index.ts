import * as z from 'zod';
import {
  addToCounter,
  assertWritable,
  counter,
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
import { noContent, ok } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';

const path = z.strictObject({ name: counterName });
const example = { name: 'visits', value: 1 };

const readCounters = route({
  method: 'GET',
  path: '/counters',
  summary: 'List counters in order of name',
  input: { query: counterListQuery },
  answers: {
    200: { description: 'A page.', schema: counterPage, example: { counters: [example], next_cursor: null } },
  },
  examples: [{ summary: 'List the calls of each function', query: { prefix: 'calls:' }, status: 200 }],
  handle: async ({ query }) => ok(await listCounters(query)),
});

const readCounter = route({
  method: 'GET',
  path: '/counters/{name}',
  summary: 'Read one counter',
  input: { path },
  answers: { 200: { description: 'The counter.', schema: counter, example } },
  problems: ['not-found'],
  examples: [{ summary: 'Read a counter that is not there', path: { name: 'nobody' }, status: 404 }],
  handle: async ({ path: { name } }) => ok(await getCounter(name)),
});

const addCounter = route({
  method: 'POST',
  path: '/counters/{name}',
  summary: 'Add to a counter, creating it at 0 when it is new',
  input: {
    path,
    headers: z.object({ 'idempotency-key': idempotencyKey }),
    body: increment.default({ by: 1 }),
  },
  answers: { 200: { description: 'The counter after it.', schema: counter, example } },
  problems: ['conflict'],
  examples: [{ summary: 'Count a visit', path: { name: 'visits' }, body: { by: 1 }, status: 200 }],
  handle: async ({ path: { name }, headers, body: { by } }) => {
    assertWritable(name);
    return ok(await addToCounter(name, by, headers['idempotency-key']));
  },
});

const writeCounter = route({
  method: 'PUT',
  path: '/counters/{name}',
  summary: 'Set a counter',
  input: { path, body: counterValue },
  answers: { 200: { description: 'The counter as set.', schema: counter, example } },
  problems: ['conflict'],
  examples: [{ summary: 'Set a counter', path: { name: 'stock' }, body: { value: 12 }, status: 200 }],
  handle: async ({ path: { name }, body: { value } }) => {
    assertWritable(name);
    return ok(await setCounter(name, value));
  },
});

const removeCounter = route({
  method: 'DELETE',
  path: '/counters/{name}',
  summary: 'Delete a counter',
  input: { path },
  answers: { 204: { description: 'Deleted.' } },
  problems: ['not-found', 'conflict'],
  examples: [{ summary: 'Delete a counter that is not there', path: { name: 'nobody' }, status: 404 }],
  handle: async ({ path: { name } }) => {
    assertWritable(name);
    await deleteCounter(name);
    return noContent();
  },
});

export const counters = defineFunction({
  name: 'counters',
  summary: 'Count things, and see how often each function was called',
  access: 'private',
  limited: false,
  routes: [readCounters, readCounter, addCounter, writeCounter, removeCounter],
});

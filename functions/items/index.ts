import * as z from 'zod';
import {
  createItem,
  item,
  itemInput,
  itemPage,
  replaceItem,
  storedItems,
} from '../../shared/domain/documents/items.ts';
import { numberedListQuery, numericId } from '../../shared/domain/documents/numbered-collection.ts';
import { preconditionHeaders } from '../../shared/domain/documents/precondition.ts';
import { createdStored, deleted, okJson, okStored } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';

const path = z.strictObject({ id: numericId });
const body = { name: 'Tea', price: 4.5 };
const example = { id: 1, ...body };
const headers = { ETag: 'The version of this item' };
const createdHeaders = { ...headers, Location: 'The path of the item' };

const readItems = route({
  method: 'GET',
  path: '/items',
  summary: 'List items by id',
  cache: { seconds: 60, tags: [storedItems.tag] },
  input: { query: numberedListQuery },
  answers: { 200: { description: 'One page.', schema: itemPage, example: { items: [example], next_cursor: null } } },
  examples: [{ summary: 'List the first two', query: { limit: '2' }, status: 200 }],
  handle: async ({ query }) => okJson(await storedItems.list(query)),
});

const readItem = route({
  method: 'GET',
  path: '/items/{id}',
  summary: 'Read one item',
  input: { path },
  answers: { 200: { description: 'The item.', schema: item, example, headers } },
  problems: ['not-found'],
  examples: [{ summary: 'Read an item that does not exist', path: { id: '404' }, status: 404 }],
  handle: async ({ path: { id } }) => okStored(await storedItems.get(id)),
});

const addItem = route({
  method: 'POST',
  path: '/items/{id}',
  summary: 'Create an item',
  input: { path, headers: preconditionHeaders, body: itemInput },
  answers: { 201: { description: 'Created. The stored item.', schema: item, example, headers: createdHeaders } },
  problems: ['conflict', 'precondition-failed'],
  examples: [{ summary: 'Create an item', path: { id: '1' }, body, status: 201 }],
  handle: async ({ path: { id }, headers, body: input }) =>
    createdStored(`/items/${id}`, await createItem(id, input, headers)),
});

const writeItem = route({
  method: 'PUT',
  path: '/items/{id}',
  summary: 'Replace an item',
  input: { path, headers: preconditionHeaders, body: itemInput },
  answers: { 200: { description: 'Replaced. The stored item.', schema: item, example, headers } },
  problems: ['not-found', 'precondition-failed'],
  examples: [{ summary: 'Replace an item that does not exist', path: { id: '404' }, body, status: 404 }],
  handle: async ({ path: { id }, headers, body: input }) => okStored(await replaceItem(id, input, headers)),
});

const removeItem = route({
  method: 'DELETE',
  path: '/items/{id}',
  summary: 'Delete an item',
  input: { path, headers: preconditionHeaders },
  answers: { 204: { description: 'Deleted.' } },
  problems: ['not-found', 'precondition-failed'],
  examples: [{ summary: 'Delete an item that does not exist', path: { id: '404' }, status: 404 }],
  handle: ({ path: { id }, headers: condition }) => deleted(storedItems.remove(id, condition)),
});

export const items = defineFunction({
  name: 'items',
  summary: 'Create, read, replace and delete items',
  access: 'private',
  limited: false,
  routes: [readItems, readItem, addItem, writeItem, removeItem],
});

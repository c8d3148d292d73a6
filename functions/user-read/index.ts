import * as z from 'zod';
import { numberedListQuery, numericId } from '../../shared/domain/documents/numbered-collection.ts';
import { storedUsers, user, userPage } from '../../shared/domain/documents/users.ts';
import { okJson, okStored } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';

const example = {
  id: 1,
  name: 'Paul John',
  email: 'paul.john@example.com',
  age: 42,
  city: 'London',
  height: 1.78,
  weight: 74.5,
  gender: true,
};

const readUser = route({
  method: 'GET',
  path: '/users/{id}',
  summary: 'Read one user',
  input: { path: z.strictObject({ id: numericId }) },
  answers: { 200: { description: 'The user.', schema: user, example, headers: { ETag: 'The version of this user' } } },
  problems: ['not-found'],
  examples: [
    { summary: 'Read a sample user', path: { id: '1' }, status: 200 },
    { summary: 'Read a user that does not exist', path: { id: '404' }, status: 404 },
  ],
  handle: async ({ path: { id } }) => okStored(await storedUsers.get(id)),
});

const readUsers = route({
  method: 'GET',
  path: '/users',
  summary: 'List users by id',
  cache: { seconds: 60, tags: [storedUsers.tag] },
  input: { query: numberedListQuery },
  answers: { 200: { description: 'One page.', schema: userPage, example: { users: [example], next_cursor: null } } },
  examples: [{ summary: 'List the first two', query: { limit: '2' }, status: 200 }],
  handle: async ({ query }) => okJson(await storedUsers.list(query)),
});

export const userRead = defineFunction({
  name: 'user-read',
  summary: 'Read users',
  access: 'private',
  limited: false,
  routes: [readUsers, readUser],
});

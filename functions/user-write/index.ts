import * as z from 'zod';
import { numericId } from '../../shared/domain/documents/numbered-collection.ts';
import { preconditionFailed, preconditionHeaders } from '../../shared/domain/documents/precondition.ts';
import { patchUser, putUser, storedUsers, user, userInput, userPatch } from '../../shared/domain/documents/users.ts';
import { createdStored, deleted, okStored } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';

const path = z.strictObject({ id: numericId });
const body = {
  name: 'Paul John',
  email: 'paul.john@example.com',
  age: 42,
  city: 'London',
  height: 0,
  weight: 0,
  gender: 'True',
};
const example = { id: 4, ...body, gender: true };
const headers = { ETag: 'The version of this user' };
const createdHeaders = { ...headers, Location: 'The path of the user' };

const replaceUser = route({
  method: 'PUT',
  path: '/users/{id}',
  summary: 'Create a user, or replace the whole document',
  input: { path, headers: preconditionHeaders, body: userInput },
  answers: {
    200: { description: 'Replaced. The stored user.', schema: user, example, headers },
    201: { description: 'Created. The stored user.', schema: user, example, headers: createdHeaders },
  },
  problems: ['precondition-failed'],
  examples: [{ summary: 'Create a user', path: { id: '4' }, body, status: 201 }],
  handle: async ({ path: { id }, headers: condition, body: input }) => {
    const { text, result } = await putUser(id, input, condition);
    if (result === 'refused') throw preconditionFailed();
    return result === 'created' ? createdStored(`/users/${id}`, text) : okStored(text);
  },
});

const changeUser = route({
  method: 'PATCH',
  path: '/users/{id}',
  summary: 'Change some fields of a user',
  description: 'Atomic: two concurrent patches to different fields both take effect.',
  input: { path, headers: preconditionHeaders, body: userPatch },
  bodyTypes: ['application/merge-patch+json', 'application/json'],
  answers: { 200: { description: 'The user after the change.', schema: user, example: { ...example, age: 43 } } },
  problems: ['not-found', 'conflict', 'precondition-failed'],
  examples: [{ summary: 'Change the age', path: { id: '1' }, body: { age: 43 }, status: 200 }],
  handle: async ({ path: { id }, headers: condition, body: patch }) => {
    const text = await patchUser(id, patch, condition);
    if (text === undefined) throw preconditionFailed();
    return okStored(text);
  },
});

const removeUser = route({
  method: 'DELETE',
  path: '/users/{id}',
  summary: 'Delete a user',
  input: { path, headers: preconditionHeaders },
  answers: { 204: { description: 'Deleted.' } },
  problems: ['not-found', 'precondition-failed'],
  examples: [{ summary: 'Delete a sample user', path: { id: '3' }, status: 204 }],
  handle: ({ path: { id }, headers: condition }) => deleted(storedUsers.remove(id, condition)),
});

export const userWrite = defineFunction({
  name: 'user-write',
  summary: 'Create, replace, change and delete users',
  access: 'private',
  limited: false,
  routes: [replaceUser, changeUser, removeUser],
});

import * as z from 'zod';
import { preconditionHeaders } from '../../shared/domain/documents/precondition.ts';
import { okJson } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';
import { getNote, note, noteInput, noteName, putNote } from './example-domain.ts';

const path = z.strictObject({ name: noteName });
const example = { name: 'ada', text: 'Hello, Ada' };

const read = route({
  method: 'GET',
  path: '/new-things/{name}',
  summary: 'Read one of new-things',
  input: { path },
  answers: { 200: { description: 'What is stored.', schema: note, example } },
  problems: ['not-found'],
  examples: [{ summary: 'Read what is not there', path: { name: 'nothing' }, status: 404 }],
  handle: async ({ path: { name } }) => okJson(await getNote(name)),
});

const write = route({
  method: 'PUT',
  path: '/new-things/{name}',
  summary: 'Write one of new-things',
  input: { path, headers: preconditionHeaders, body: noteInput },
  answers: { 200: { description: 'What is stored now.', schema: note, example } },
  problems: ['precondition-failed'],
  examples: [{ summary: 'Greet Ada', path: { name: 'ada' }, body: { text: 'Hello, Ada' }, status: 200 }],
  handle: async ({ path: { name }, headers: condition, body: { text } }) =>
    okJson(await putNote({ name, text }, condition)),
});

export const newThings = defineFunction({
  name: 'new-things',
  summary: 'Keep new-things',
  access: 'private',
  limited: false,
  routes: [read, write],
});

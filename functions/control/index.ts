import * as z from 'zod';
import { catalogue, endCommand, issueCommand, listCommands } from '../../shared/domain/control/commands.ts';
import { preconditionHeaders } from '../../shared/domain/documents/precondition.ts';
import { deleted, ok } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { parseInput } from '../../shared/http/input.ts';
import { route } from '../../shared/http/route.ts';
import { Problem } from '../../shared/problems/problem.ts';

const path = z.strictObject({ name: z.string().max(64).meta({ example: 'log-level' }) });
const ttl_seconds = z.int().min(1).max(86_400).meta({ description: 'Seconds until the command ends, 1–86,400' });
const commandBody = z.looseObject({ ttl_seconds }).meta({ id: 'CommandBody' });
const command = z
  .strictObject({ name: z.string(), parameters: z.record(z.string(), z.unknown()), ttl_seconds })
  .meta({ id: 'Command' });
const commands = z.strictObject({ commands: z.array(command) }).meta({ id: 'Commands' });
const heard_at_once = z.int().min(0).meta({
  description: 'Instances that heard the command at once; the others follow. On a cluster, only those of one node',
});
const given = z.strictObject({ ...command.shape, heard_at_once }).meta({ id: 'GivenCommand' });
const example = { name: 'log-level', parameters: { level: 'debug' }, ttl_seconds: 600 };

/** @throws Problem not-found */
const find = (name: string) => {
  const found = catalogue.get(name);
  if (found !== undefined) return found;
  throw new Problem(
    'not-found',
    `There is no command "${name}". The commands are ${[...catalogue.keys()].join(', ')}.`,
  );
};

const readCommands = route({
  method: 'GET',
  path: '/commands',
  summary: 'The commands in force',
  answers: { 200: { description: 'The commands in force.', schema: commands, example: { commands: [example] } } },
  examples: [{ summary: 'List the commands in force', status: 200 }],
  handle: async () => ok({ commands: await listCommands() }),
});

const postCommand = route({
  method: 'POST',
  path: '/commands/{name}',
  summary: 'Send a command to every instance',
  description:
    'Active instances carry it out within a second, idle ones before their next answer. `log-level` takes `level`, `rate-limit` takes `per_minute` and `burst`, `empty-cache` takes a `tag`, and `reread-secrets` takes nothing. After `ttl_seconds` the configured settings apply again.',
  input: { path, headers: preconditionHeaders, body: commandBody },
  answers: {
    200: {
      description: 'The command is in force.',
      schema: given,
      example: { ...example, heard_at_once: 3 },
      headers: { ETag: 'The version of this command' },
    },
  },
  problems: ['not-found', 'precondition-failed'],
  examples: [
    {
      summary: 'Log at debug level for ten minutes',
      path: { name: 'log-level' },
      body: { level: 'debug', ttl_seconds: 600 },
      status: 200,
    },
    { summary: 'A command that does not exist', path: { name: 'dance' }, body: { ttl_seconds: 1 }, status: 404 },
  ],
  handle: async ({ path: { name }, headers: condition, body: { ttl_seconds, ...sent } }) => {
    const schema = z.object({ body: find(name).parameters });
    const { body: parameters } = parseInput(schema, { body: sent });
    const { answer, etag } = await issueCommand(name, parameters, ttl_seconds, condition);
    return ok(answer, { etag });
  },
});

const deleteCommand = route({
  method: 'DELETE',
  path: '/commands/{name}',
  summary: 'End a command',
  input: { path, headers: preconditionHeaders },
  answers: { 204: { description: 'Ended.' } },
  problems: ['not-found', 'precondition-failed'],
  examples: [{ summary: 'End a command that is not in force', path: { name: 'empty-cache' }, status: 404 }],
  handle: ({ path: { name }, headers: condition }) => {
    find(name);
    return deleted(endCommand(name, condition));
  },
});

export const control = defineFunction({
  name: 'control',
  summary: 'Commands that every instance carries out',
  access: 'private',
  limited: false,
  routes: [readCommands, postCommand, deleteCommand],
});

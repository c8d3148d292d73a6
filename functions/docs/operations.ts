import * as z from 'zod';
import { config } from '../../shared/config/config.ts';
import { printJson } from '../../shared/stored-text.ts';
import document from './openapi.json' with { type: 'json' };

const parameter = z.object({
  in: z.enum(['path', 'query', 'header']),
  name: z.string(),
  required: z.boolean().default(false),
  description: z.string().optional(),
  schema: z.looseObject({ type: z.string().optional(), default: z.unknown().optional() }),
});

const sample = z.object({
  summary: z.string(),
  status: z.int(),
  url: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
});

const response = z.object({
  description: z.string(),
  content: z.record(z.string(), z.object({ example: z.unknown().optional() })).default({}),
});

const operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  description: z.string().optional(),
  tags: z.tuple([z.string()]),
  security: z.array(z.unknown()),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.unknown()) }).optional(),
  responses: z.record(z.string(), z.union([z.object({ $ref: z.string() }), response])),
  'x-examples': z.array(sample),
});

export type Parameter = z.infer<typeof parameter>;
export type Sample = z.infer<typeof sample>;
export type Operation = z.infer<typeof operation> & { readonly method: string; readonly path: string };

const paths = z.record(z.string(), z.record(z.string(), operation));
const shared = z.record(z.string(), response).parse(document.components.responses);

/** Every operation of the OpenAPI document, in its order. */
export const operations: readonly Operation[] = Object.entries(paths.parse(document.paths)).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, each]) => ({ ...each, path, method: method.toUpperCase() })),
);

/** The answers of an operation, those that operations share looked up. */
export const answersOf = ({ responses }: Operation) =>
  Object.entries(responses).map(([status, each]) => {
    const found = '$ref' in each ? shared[each.$ref.split('/').at(-1) ?? ''] : each;
    return { status, description: found?.description ?? '', content: found?.content ?? {} };
  });

/** Where an operation is served when its function has a host of its own; undefined when it is this host. */
export const serverOf = ({ tags: [owner] }: Operation): string | undefined => config().functionUrls.get(owner);

/** With the host of each function that has one of its own, from FUNCTION_URLS. */
const withServers = () => {
  const servers = new Map(operations.map((each) => [each.operationId, serverOf(each)]));
  return JSON.parse(JSON.stringify(document), (_key, value) => {
    const url = servers.get(Object(value).operationId);
    return url === undefined ? value : { ...value, servers: [{ url }] };
  });
};

/** The document as it is sent: without the white space that makes its committed form readable. */
export const openApiText = printJson<typeof document>(config().functionUrls.size === 0 ? document : withServers());

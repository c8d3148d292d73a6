import * as z from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { targetOf } from '../../shared/client.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import { isLimited } from '../../shared/http/limit.ts';
import type { Route } from '../../shared/http/route.ts';
import type { AnswerSpec, Example } from '../../shared/http/route-types.ts';
import { CACHED, described, RATE_LIMIT, REQUEST_ID } from './openapi-headers.ts';
import { problemResponses } from './openapi-problems.ts';

/** The tag of the routes that every function has. */
export const EVERY = 'every function';

/** `GET /users/{id}` is `getUsersById`. */
const operationId = ({ method, path }: Route): string => {
  const words = path === '/' ? ['index'] : (path.replaceAll('{', 'by-').match(/[a-z0-9]+/gi) ?? []);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
};

/** One example, as a request and the status of its answer. A body has the operation's first media type. */
const toSample = (path: string, { summary, status, headers, body, ...values }: Example) => ({
  summary,
  status,
  url: targetOf(path, values),
  headers,
  body,
});

/** Clients look a media type up without its parameters. */
const withoutParameters = (type: string): string => type.split(';')[0] ?? type;

const responseOf = (
  { description, schema, type = 'application/json', also = {}, example, headers = {} }: AnswerSpec,
  route: Route,
  owner: FunctionDefinition | undefined,
) => ({
  description,
  headers: {
    ...described(headers),
    ...(route.cache && CACHED),
    ...REQUEST_ID,
    ...(isLimited(route, owner) && RATE_LIMIT),
  },
  ...(schema && {
    content: {
      [withoutParameters(type)]: { schema, ...(example !== undefined && { example }) },
      ...Object.fromEntries(
        Object.entries(also).map(([otherType, otherSchema]) => [withoutParameters(otherType), { schema: otherSchema }]),
      ),
    },
  }),
});

const bodyExamples = (examples: readonly Example[]) =>
  Object.fromEntries(
    examples
      .filter(({ body }) => body !== undefined)
      .map(({ summary, body: value }) => [summary.toLowerCase().replace(/[^a-z0-9]+/g, '-'), { summary, value }]),
  );

const asObject = (schema: z.ZodType | undefined): z.ZodType<unknown, Record<string, unknown>> | undefined => {
  if (schema instanceof z.ZodPipe) return schema.in instanceof z.ZodType ? asObject(schema.in) : undefined;
  return schema instanceof z.ZodObject ? schema : undefined;
};

const CONDITION = z.object({
  'if-none-match': z
    .string()
    .optional()
    .meta({ description: 'The ETag that the client has. The answer is 304 while it is current.' }),
});

const NOT_MODIFIED = { description: "The client's version is current.", headers: REQUEST_ID };

/** @param owner undefined for a route that every function has */
export const operationOf = (route: Route, owner?: FunctionDefinition): ZodOpenApiOperationObject => {
  const { input, bodyTypes, answers, examples = [] } = route;
  const isConditional =
    (route.method === 'GET' && answers[200]?.headers?.ETag !== undefined) || route.cache !== undefined;
  const [path, query, own] = [input.path, input.query, input.headers].map(asObject);
  const asked = isConditional ? CONDITION.extend(own instanceof z.ZodObject ? own.shape : {}) : own;
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(route.description && { description: route.description }),
    tags: [owner?.name ?? EVERY],
    security: owner?.access === 'private' ? [{ google_identity: [] }] : [],
    requestParams: { ...(path && { path }), ...(query && { query }), ...(asked && { header: asked }) },
    ...(input.body && {
      requestBody: {
        required: !input.body.safeParse(undefined).success,
        content: Object.fromEntries(
          bodyTypes.map((type) => [type, { schema: input.body, examples: bodyExamples(examples) }]),
        ),
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [`${status}`, responseOf(answer, route, owner)]),
      ),
      ...(isConditional && { 304: NOT_MODIFIED }),
      ...problemResponses(route, owner),
    },
    'x-examples': examples.map((example) => toSample(route.path, example)),
  };
};

import * as z from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { targetOf } from '../../shared/client.ts';
import { commonRoutes } from '../../shared/http/common-routes.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import { isLimited } from '../../shared/http/limit.ts';
import type { Route } from '../../shared/http/route.ts';
import type { AnswerSpec, Example } from '../../shared/http/route-types.ts';
import { problemResponses } from './openapi-problems.ts';
import { portablePattern } from './portable-pattern.ts';

/*
 * The OpenAPI document, from the manifest and its schemas. It is made by `npm run generate` and committed, because
 * making it when a function starts would load zod-openapi and every other function's schemas into that start.
 */

const EVERY = 'every function';

const header = (description: string, type: 'string' | 'integer' = 'string') => ({ description, schema: { type } });

const HEADERS = {
  RequestId: header('The trace id of the request, or an id made here'),
  RetryAfter: { description: 'Seconds until another try makes sense', schema: { type: 'integer', minimum: 0 } },
  RateLimit: header('What is left of the limit: `"default";r=<calls>;t=<seconds>`'),
  CacheStatus: header('RFC 9211'),
  Age: header('Seconds', 'integer'),
  RateLimitPolicy: header('The limit: `"default";q=<calls>;w=<seconds>`'),
} as const;

const pascalCase = (text: string): string =>
  text
    .replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    .replace(/[^A-Za-z0-9]/g, '');

/** `GET /users/{id}` is `getUsersById`. */
const operationId = ({ method, path }: Route): string =>
  method.toLowerCase() + pascalCase(path === '/' ? 'index' : path.replace(/\{(\w+)\}/g, 'by-$1'));

/** One example as a request and the status of its answer. A body has the first media type of the operation. */
const toSample = (path: string, { summary, status, headers, body, ...values }: Example) => ({
  summary,
  status,
  url: targetOf(path, values),
  headers,
  body,
});

/** A media type without its parameters, as clients look it up. */
const bare = (type: string): string => type.split(';')[0] ?? type;

const responseOf = (
  { description, schema, type = 'application/json', also = {}, example, headers = {} }: AnswerSpec,
  route: Route,
  owner: FunctionDefinition | undefined,
) => ({
  description,
  headers: {
    ...Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, header(text)])),
    ...(route.cache && {
      ETag: header('Tag of this version'),
      'Cache-Status': { $ref: '#/components/headers/CacheStatus' },
      Age: { $ref: '#/components/headers/Age' },
    }),
    'X-Request-Id': { $ref: '#/components/headers/RequestId' },
    ...(isLimited(route, owner) && {
      RateLimit: { $ref: '#/components/headers/RateLimit' },
      'RateLimit-Policy': { $ref: '#/components/headers/RateLimitPolicy' },
    }),
  },
  ...(schema && {
    content: {
      [bare(type)]: { schema, ...(example !== undefined && { example }) },
      ...Object.fromEntries(Object.entries(also).map(([other, its]) => [bare(other), { schema: its }])),
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
  'if-none-match': z.string().optional().meta({ description: 'The ETag at hand: 304 while it is still the right one' }),
});

/** What holds for every GET with an ETag. */
const NOT_MODIFIED = {
  description: 'What the caller has is still right.',
  headers: { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } },
} as const;

const operationOf = (route: Route, owner: FunctionDefinition | undefined): ZodOpenApiOperationObject => {
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

/** The document of these functions, and of the routes that every function has. */
export const createOpenApi = (manifest: readonly FunctionDefinition[], version: string) => {
  const paths: ZodOpenApiPathsObject = {};
  const add = (route: Route, owner: FunctionDefinition | undefined): void => {
    const method = route.method.toLowerCase();
    const place = paths[route.path];
    if (place === undefined) paths[route.path] = { [method]: operationOf(route, owner) };
    else if (!Object.hasOwn(place, method)) Object.assign(place, { [method]: operationOf(route, owner) });
  };
  for (const owner of manifest) for (const route of owner.routes) add(route, owner);
  for (const route of commonRoutes) add(route, undefined);
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Redis functions',
        version,
        description:
          'HTTP functions over one shared Redis. JSON in and out, snake_case, times in UTC; every error is a problem of RFC 9457. HEAD works wherever GET does. Each function is deployed on its own; `api` serves all of them.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'The host that serves this document' }],
      tags: [
        ...manifest.map(({ name, summary, access }) => ({ name, description: `${summary}.`, 'x-access': access })),
        { name: EVERY, description: 'Each function has these routes as well.' },
      ],
      paths,
      components: {
        headers: HEADERS,
        securitySchemes: {
          google_identity: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'An identity token of Google Cloud, checked by IAM before the function. Not needed locally.',
          },
        },
      },
    },
    {
      override: ({ jsonSchema }) => {
        // A format says more to people and programs than zod's pattern for it.
        if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
        if (typeof jsonSchema.pattern === 'string') jsonSchema.pattern = portablePattern(jsonSchema.pattern);
      },
    },
  );
};

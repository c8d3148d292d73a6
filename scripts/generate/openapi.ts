import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import { manifest } from '../../functions/manifest.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { commonRoutes } from '../../shared/http/common-routes.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import type { Route } from '../../shared/http/route.ts';
import { HEADERS } from './openapi-headers.ts';
import { EVERY, operationOf } from './openapi-operation.ts';
import { portablePattern } from './portable-pattern.ts';

/** Of two routes with the same method and path, the first is documented. */
const collectPaths = (): ZodOpenApiPathsObject => {
  const paths: ZodOpenApiPathsObject = {};
  const add = (route: Route, owner?: FunctionDefinition): void => {
    const method = route.method.toLowerCase();
    const place = paths[route.path] ?? {};
    paths[route.path] = place;
    if (!Object.hasOwn(place, method)) Object.assign(place, { [method]: operationOf(route, owner) });
  };
  for (const owner of manifest) for (const route of owner.routes) add(route, owner);
  for (const route of commonRoutes) add(route);
  return paths;
};

const createOpenApi = () =>
  createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Redis functions',
        version: packageJson.version,
        description:
          'HTTP functions that share one Redis. JSON in and out, snake_case, times in UTC. Every error is a problem document (RFC 9457). HEAD works wherever GET does. Each function is deployed on its own; `api` serves all of them.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'The host that serves this document' }],
      tags: [
        ...manifest.map(({ name, summary, access }) => ({ name, description: `${summary}.`, 'x-access': access })),
        { name: EVERY, description: 'Every function also has these routes.' },
      ],
      paths: collectPaths(),
      components: {
        headers: HEADERS,
        securitySchemes: {
          google_identity: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description:
              'A Google Cloud identity token, which IAM checks before the request reaches the function. Not needed locally.',
          },
        },
      },
    },
    {
      override: ({ jsonSchema }) => {
        // The format says more than zod's long pattern for it.
        if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
        if (typeof jsonSchema.pattern === 'string') jsonSchema.pattern = portablePattern(jsonSchema.pattern);
      },
    },
  );

/**
 * The OpenAPI document. It is committed: generating it when a function starts would load zod-openapi and the schemas of
 * every other function.
 */
export const openApi = {
  file: 'functions/docs/openapi.json',
  render: () => {
    const text = JSON.stringify(
      createOpenApi(),
      // zod-openapi repeats a parameter's description in its schema.
      (_key, value) =>
        value?.in && value.schema ? { ...value, schema: { ...value.schema, description: undefined } } : value,
      2,
    );
    return `${text}\n`;
  },
};

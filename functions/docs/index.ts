import * as z from 'zod';
import { HTML, okContent, okJson, okPage } from '../../shared/http/answer.ts';
import { compressed } from '../../shared/http/compressed.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';
import type { Page } from '../../shared/page/html.ts';
import { etagOf } from '../../shared/stored-text.ts';

const TEXT = 'text/plain; charset=utf-8';
const ROBOTS = 'User-agent: *\nDisallow:\n';
/** Every answer here carries one. */
const TAGGED = { ETag: 'Tag of what is answered' };

/** A page depends on the settings alone, so it is made once, by the first request for it. */
const pageRoute = <P extends `/${string}`>(path: P, summary: string, render: () => Promise<Page>) => {
  let page: Page | undefined;
  return route({
    method: 'GET',
    path,
    summary,
    answers: {
      200: {
        description: 'The page.',
        type: HTML,
        schema: z.string().meta({ description: 'A page' }),
        headers: TAGGED,
      },
    },
    examples: [{ summary: 'Open it', status: 200 }],
    handle: async (_input, { acceptEncoding }) => {
      page ??= await render();
      return compressed(okPage(page, { etag: etagOf(page.html) }), acceptEncoding);
    },
  });
};

const readIndex = pageRoute('/', 'Every function and its routes, as a page', async () =>
  (await import('./index-page.ts')).renderIndex(),
);

const readDocs = pageRoute('/docs', 'This API as a page, to read and to try', async () =>
  (await import('./reference-page.ts')).renderReference(),
);

const readOpenApi = route({
  method: 'GET',
  path: '/openapi.json',
  summary: 'The OpenAPI 3.1 document of all functions',
  answers: {
    200: {
      description: 'The document.',
      schema: z.looseObject({ openapi: z.string() }),
      example: { openapi: '3.1.0' },
      headers: TAGGED,
    },
  },
  examples: [{ summary: 'Read the document', status: 200 }],
  handle: async (_input, { acceptEncoding }) => {
    const { openApiText } = await import('./operations.ts');
    return compressed(okJson(openApiText, { etag: etagOf(openApiText) }), acceptEncoding);
  },
});

const readRobots = route({
  method: 'GET',
  path: '/robots.txt',
  summary: 'What crawlers may read: all of it',
  answers: {
    200: { description: 'The rules.', type: TEXT, schema: z.string(), headers: TAGGED },
  },
  examples: [{ summary: 'Read the rules', status: 200 }],
  handle: () => okContent(TEXT, ROBOTS, { etag: etagOf(ROBOTS) }),
});

export const docs = defineFunction({
  name: 'docs',
  summary: 'What there is, to read and to try',
  access: 'public',
  limited: false,
  needsRedis: false,
  routes: [readIndex, readDocs, readOpenApi, readRobots],
});

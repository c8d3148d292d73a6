import * as z from 'zod';
import { HTML, okContent, okJson, okPage } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { compressed } from '../../shared/http/negotiation.ts';
import { route } from '../../shared/http/route.ts';
import type { Page } from '../../shared/page/html.ts';
import { etagOf, type JsonText } from '../../shared/stored-text.ts';

/** Every answer here has one. */
const headers = { ETag: 'The version of this document' };

/** A page depends only on the settings, so the first request renders it for all. */
const pageRoute = <P extends `/${string}`>(path: P, summary: string, render: () => Promise<Page>) => {
  let page: Page | undefined;
  return route({
    method: 'GET',
    path,
    summary,
    answers: { 200: { description: 'The page.', type: HTML, schema: z.string(), headers } },
    examples: [{ summary: 'Open the page', status: 200 }],
    handle: async (_input, { acceptEncoding }) => {
      page ??= await render();
      return compressed(okPage(page, { etag: etagOf(page.html) }), acceptEncoding);
    },
  });
};

const readIndex = pageRoute('/', 'All functions and their routes, as a page', async () =>
  (await import('./index-page.ts')).renderIndex(),
);

const readDocs = pageRoute('/docs', 'The API reference, with forms to try it', async () =>
  (await import('./reference-page.ts')).renderReference(),
);

let documentText: JsonText<{ openapi: string }> | undefined;

const readOpenApi = route({
  method: 'GET',
  path: '/openapi.json',
  summary: 'The OpenAPI 3.1 document of all functions',
  answers: {
    200: {
      description: 'The document.',
      schema: z.looseObject({ openapi: z.string() }),
      example: { openapi: '3.1.0' },
      headers,
    },
  },
  examples: [{ summary: 'Read the document', status: 200 }],
  handle: async (_input, { acceptEncoding }) => {
    documentText ??= (await import('./operations.ts')).printDocument();
    return compressed(okJson(documentText, { etag: etagOf(documentText) }), acceptEncoding);
  },
});

const TEXT = 'text/plain; charset=utf-8';
const ROBOTS = 'User-agent: *\nDisallow:\n';

const readRobots = route({
  method: 'GET',
  path: '/robots.txt',
  summary: 'What crawlers may read: everything',
  answers: { 200: { description: 'The rules.', type: TEXT, schema: z.string(), headers } },
  examples: [{ summary: 'Read the rules', status: 200 }],
  handle: () => okContent(TEXT, ROBOTS, { etag: etagOf(ROBOTS) }),
});

export const docs = defineFunction({
  name: 'docs',
  summary: 'The API reference, with forms to try it',
  access: 'public',
  limited: false,
  needsRedis: false,
  routes: [readIndex, readDocs, readOpenApi, readRobots],
});

import * as z from 'zod';
import { etagOf } from '../../shared/etag.ts';
import { quality } from '../../shared/http/accept.ts';
import { type Answer, okContent, okJson } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';
import type { Page } from '../../shared/page/document.ts';
import { loadAsset, SWAGGER_FILES, swaggerTypes } from './swagger-assets.ts';

const HTML = 'text/html; charset=utf-8';
const page = z.string().meta({ description: 'A page' });
/** Every answer here carries one. */
const TAGGED = { ETag: 'Tag of what is answered' };

const answerPage = ({ html, headers }: Page): Answer<200, string> =>
  okContent(HTML, html, { headers, etag: etagOf(html) });

const readIndex = route({
  method: 'GET',
  path: '/',
  summary: 'Every function and its routes, as a page',
  answers: { 200: { description: 'The page.', type: HTML, schema: page, headers: TAGGED } },
  examples: [{ summary: 'Open the index', status: 200 }],
  handle: async () => answerPage((await import('./docs-pages.ts')).renderIndex()),
});

const readDocs = route({
  method: 'GET',
  path: '/docs',
  summary: 'This API in Swagger UI',
  answers: { 200: { description: 'The page.', type: HTML, schema: page, headers: TAGGED } },
  examples: [{ summary: 'Open Swagger UI', status: 200 }],
  handle: async () => answerPage((await import('./docs-pages.ts')).renderSwagger()),
});

const readDocsFile = route({
  method: 'GET',
  path: '/docs/{file}',
  summary: 'The script and the style of Swagger UI',
  input: {
    path: z.strictObject({ file: z.enum(SWAGGER_FILES) }),
    headers: z.object({ 'accept-encoding': z.string().optional() }),
  },
  answers: {
    200: {
      description: 'The file.',
      type: swaggerTypes['swagger-ui.css'],
      schema: z.string(),
      also: { [swaggerTypes['swagger-ui-bundle.js']]: z.string() },
      headers: TAGGED,
    },
  },
  examples: [{ summary: 'Read the style', path: { file: 'swagger-ui.css' }, status: 200 }],
  handle: async ({ path: { file }, headers: { 'accept-encoding': accepted = '' } }) => {
    const isZipped = quality(accepted, 'gzip') > 0;
    const { plain, zipped } = await loadAsset(file);
    const { bytes, etag } = isZipped ? zipped : plain;
    const headers = {
      'cache-control': 'public, max-age=86400',
      vary: 'accept-encoding',
      ...(isZipped && { 'content-encoding': 'gzip' }),
    };
    return okContent(swaggerTypes[file], bytes, { headers, etag });
  },
});

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
  handle: async () => {
    const { openApiText } = await import('./openapi-text.ts');
    return okJson(openApiText, { etag: etagOf(openApiText) });
  },
});

export const docs = defineFunction({
  name: 'docs',
  summary: 'What there is, to read and to try',
  access: 'public',
  limited: false,
  needsRedis: false,
  routes: [readIndex, readDocs, readDocsFile, readOpenApi],
});

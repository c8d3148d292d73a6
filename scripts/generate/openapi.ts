import { readFile } from 'node:fs/promises';
import { manifest } from '../../functions/manifest.ts';
import { createOpenApi } from './openapi-document.ts';

/** A parameter says what it is beside its schema; zod-openapi says it inside once more. */
const print = (document: ReturnType<typeof createOpenApi>): string =>
  JSON.stringify(
    document,
    (_key, value) =>
      value?.in && value.schema ? { ...value, schema: { ...value.schema, description: undefined } } : value,
    2,
  );

/** The OpenAPI document, committed, so that the docs function serves it without loading what made it. */
export const openApi = {
  file: 'functions/docs/openapi.json',
  render: async (): Promise<string> => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    return `${print(createOpenApi(manifest, version))}\n`;
  },
};

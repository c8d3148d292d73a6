import { readFile } from 'node:fs/promises';
import { manifest } from '../../functions/manifest.ts';
import { createOpenApi } from './openapi-document.ts';

/** The OpenAPI document, committed, so that the docs function serves it without loading what made it. */
export const openApi = {
  file: 'functions/docs/openapi.json',
  render: async (): Promise<string> => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    return `${JSON.stringify(createOpenApi(manifest, version), null, 2)}\n`;
  },
};

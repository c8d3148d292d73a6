import { printJson } from '../../shared/json-text.ts';
import document from './openapi.json' with { type: 'json' };

/** The document as it is sent: without the white space that makes its committed form readable. */
export const openApiText = printJson(document);

import { config } from '../../shared/config/config.ts';
import { printJson } from '../../shared/stored-text.ts';
import document from './openapi.json' with { type: 'json' };
import { operations, serverOf } from './operations.ts';

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

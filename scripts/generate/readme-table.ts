import { manifest } from '../../functions/manifest.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import { putBetweenMarks } from '../local/markdown-table.ts';

/** `GET /items · GET, POST /items/{id}`: the methods of each path together, in the manifest's order. */
const routesOf = ({ routes }: FunctionDefinition): string => {
  const methods = Map.groupBy(routes, ({ path }) => path);
  return [...methods].map(([path, list]) => `${list.map(({ method }) => method).join(', ')} ${path}`).join(' · ');
};

const rowOf = (definition: FunctionDefinition): string => {
  const { name, summary, access } = definition;
  return `| [\`${name}\`](functions/${name}) | ${summary} | ${routesOf(definition)} | ${access} |`;
};

const table = ['| function | what for | routes | access |', '|---|---|---|---|', ...manifest.map(rowOf)].join('\n');

/** The table of endpoints in the README. */
export const readmeTable = {
  file: 'README.md',
  render: (current = '') => putBetweenMarks(current, 'endpoints', table),
};

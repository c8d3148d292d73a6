import { manifest } from '../../functions/manifest.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import type { Generator } from './generator.ts';

const BEGIN = '<!-- endpoints:start -->';
const END = '<!-- endpoints:end -->';

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

/** The table of endpoints in the README, between two marks. */
export const readmeTable: Generator = {
  file: 'README.md',
  render: (current = '') => {
    const begin = current.indexOf(BEGIN);
    const end = current.indexOf(END);
    if (begin === -1 || end < begin) throw new Error(`README.md needs the marks ${BEGIN} and ${END} for its table`);
    return `${current.slice(0, begin + BEGIN.length)}\n${table}\n${current.slice(end)}`;
  },
};

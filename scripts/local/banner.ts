import type { FunctionDefinition } from '../../shared/http/function.ts';

const NAME_WIDTH = 16;

/** A line for each path of a function, with its methods. */
const linesOf = ({ name, routes }: FunctionDefinition, url: string): string[] =>
  [...Map.groupBy(routes, ({ path }) => path)].map(([path, list], at) => {
    const label = at === 0 ? name : '';
    return `  ${label.padEnd(NAME_WIDTH)}${url}${path}  ${list.map(({ method }) => method).join(' ')}`;
  });

/** What `npm start` prints once everything is running. */
export const banner = (
  url: string,
  target: string,
  functions: readonly FunctionDefinition[],
  parts: Readonly<Record<'console' | 'redis' | 'feed' | 'users' | 'refresh', string>>,
): string => `
Ready on ${url}${target === 'api' ? '' : ` (${target} only)`}

${functions.flatMap((each) => linesOf(each, url)).join('\n')}
  ${'every function'.padEnd(NAME_WIDTH)}${url}/health  ${url}/ready

${Object.entries(parts)
  .map(([name, text]) => `  ${name.padEnd(9)}${text}`)
  .join('\n')}

Press Ctrl-C to stop everything.
`;

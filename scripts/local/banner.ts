import type { FunctionDefinition } from '../../shared/http/function.ts';

const NAME_WIDTH = 16;

/** One line for each path of a function, with the methods that it takes. */
const linesOf = ({ name, routes }: FunctionDefinition, url: string): string[] => {
  const line = ([path, list]: [string, typeof routes], at: number) =>
    `  ${(at === 0 ? name : '').padEnd(NAME_WIDTH)}${url}${path}  ${list.map(({ method }) => method).join(' ')}`;
  return [...Map.groupBy(routes, ({ path }) => path)].map(line);
};

/** What `npm start` shows once everything runs. */
export const banner = (
  url: string,
  target: string,
  functions: readonly FunctionDefinition[],
  started: Readonly<Record<'console' | 'redis' | 'feed' | 'users' | 'refresh', string>>,
): string =>
  [
    '',
    `Ready on ${url}${target === 'api' ? '' : ` (${target} alone)`}`,
    '',
    ...functions.flatMap((each) => linesOf(each, url)),
    `  ${'every one'.padEnd(NAME_WIDTH)}${url}/health  ${url}/ready`,
    '',
    ...Object.entries(started).map(([what, text]) => `  ${what.padEnd(9)}${text}`),
    '',
    'Ctrl-C ends all of it.',
    '',
  ].join('\n');

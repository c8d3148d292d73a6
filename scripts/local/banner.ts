import type { FunctionDefinition } from '../../shared/http/function.ts';

interface Started {
  readonly url: string;
  readonly functions: readonly FunctionDefinition[];
  readonly target: string;
  readonly console: string;
  readonly redis: string;
  readonly feed: string;
  readonly written: number;
  readonly refreshed: string;
}

const NAME_WIDTH = 16;

/** One line for each path of a function, with the methods that it takes. */
const linesOf = ({ name, routes }: FunctionDefinition, url: string): string[] => {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) methods.set(path, [...(methods.get(path) ?? []), method]);
  return [...methods].map(
    ([path, names], at) => `  ${(at === 0 ? name : '').padEnd(NAME_WIDTH)}${url}${path}  ${names.join(' ')}`,
  );
};

/** What `npm start` shows once everything runs. */
export const banner = ({ url, functions, target, written, ...started }: Started): string =>
  [
    '',
    `Ready on ${url}${target === 'api' ? '' : ` (${target} alone)`}`,
    '',
    ...functions.flatMap((each) => linesOf(each, url)),
    `  ${'every one'.padEnd(NAME_WIDTH)}${url}/health  ${url}/ready`,
    '',
    `  console  ${started.console}`,
    `  redis    ${started.redis}`,
    `  feed     ${started.feed}`,
    `  users    ${written === 0 ? 'the sample users were there already' : `${written} sample users written`}`,
    `  refresh  ${started.refreshed}`,
    '',
    'Ctrl-C ends all of it.',
    '',
  ].join('\n');

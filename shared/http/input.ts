import type { IncomingHttpHeaders } from 'node:http';
import type * as z from 'zod';
import { type Fault, Problem } from '../problems/problem.ts';

/** The parts of a request that a route may take; a part without a schema is not read. */
export type Part = 'path' | 'query' | 'headers' | 'body';
export type InputShape = Partial<Readonly<Record<Part, z.ZodType>>>;

const joinPath = (path: string, below: string): string => (path && below ? `${path}.${below}` : path || below);

/** Of the forms of a union, the one that fits best tells what is wrong. */
const faultsOf = (error: Pick<z.ZodError, 'issues'>): Fault[] =>
  error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'invalid_union' && issue.message === 'Invalid input') {
      const [nearest = []] = issue.errors.map((issues) => faultsOf({ issues })).sort((a, b) => a.length - b.length);
      return nearest.map((fault) => ({ ...fault, path: joinPath(path, fault.path) }));
    }
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: joinPath(path, key), message: 'There is no such field; leave it out' }))
      : [{ path, message: issue.message.replace(/received undefined$/, 'but it is missing') }];
  });

const refuse = (errors: Fault[]): Problem => {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new Problem('invalid-request', `${first?.path}: ${first?.message}${more}`, { errors });
};

/**
 * All parts of a request, checked at once, so that a caller hears of every fault.
 * @throws Problem invalid-request
 */
export const parseInput = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refuse(faultsOf(parsed.error));
};

/** The query as an object; a name given twice becomes a list, which no schema of one value takes. */
export const readQuery = (search: string): Record<string, string | string[]> => {
  if (search === '') return {};
  const parameters = new URLSearchParams(search);
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const [only = '', ...more] = parameters.getAll(name);
      return [name, more.length === 0 ? only : [only, ...more]];
    }),
  );
};

/** @throws Problem invalid-request when the segment is not percent-encoded UTF-8 */
export const readPathValue = (name: string, encoded: string): string => {
  if (!encoded.includes('%')) return encoded;
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw refuse([{ path: `path.${name}`, message: 'Not percent-encoded UTF-8; write a % itself as %25' }]);
  }
};

/** Only the headers that the schema names: the rest is the business of proxies and of the kernel. */
export const readHeaders = (headers: IncomingHttpHeaders, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, headers[name]]));

import type { IncomingHttpHeaders } from 'node:http';
import type * as z from 'zod';
import { clip, type Fault, MAX_FAULTS, MAX_PATH_BYTES, Problem } from '../problems/problem.ts';
import { faultText, NO_FORM } from './fault-text.ts';

/** The parts of a request that a route may take; a part without a schema is not read. */
export type Part = 'path' | 'query' | 'headers' | 'body';
export type InputShape = Partial<Readonly<Record<Part, z.ZodType>>>;

const joinPath = (path: string, below: string): string => (path && below ? `${path}.${below}` : path || below);

type Issues = z.ZodError['issues'];

/** Of the forms of a union, the one that fits best says what is wrong. */
function* faultsOf(issues: Issues, within = ''): Generator<Fault> {
  for (const issue of issues) {
    const path = joinPath(within, issue.path.map(String).join('.'));
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        yield { path: joinPath(path, key), message: 'There is no such field; leave it out' };
      }
    } else if (issue.code === 'invalid_union' && issue.message === NO_FORM && issue.errors.length > 0) {
      const forms = issue.errors.toSorted((a, b) => a.length - b.length);
      yield* faultsOf(forms[0] ?? [], path);
    } else {
      yield { path, message: issue.message };
    }
  }
}

const refuse = (faults: Iterable<Fault>): Problem => {
  const errors: Fault[] = [];
  let count = 0;
  // There may be 100,000 of them; most are only counted.
  for (const fault of faults) {
    count += 1;
    if (count <= MAX_FAULTS) errors.push(fault);
  }
  const [first = { path: '', message: 'Is not valid' }] = errors;
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  return new Problem('invalid-request', `${clip(first.path, MAX_PATH_BYTES)}: ${first.message}${more}`, { errors });
};

/**
 * All parts of a request, checked at once, so that the answer names every fault.
 * @throws Problem invalid-request
 */
export const parseInput = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const parsed = schema.safeParse(value, { error: faultText });
  if (parsed.success) return parsed.data;
  throw refuse(faultsOf(parsed.error.issues));
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

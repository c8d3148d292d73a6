import type { IncomingHttpHeaders } from 'node:http';
import type * as z from 'zod';
import { clip, type Fault, MAX_FAULTS, MAX_PATH_BYTES, Problem } from '../problems/problem.ts';

/** The parts of a request that a route may read. A part without a schema is not read. */
export type Part = 'path' | 'query' | 'headers' | 'body';
export type InputShape = Partial<Readonly<Record<Part, z.ZodType>>>;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const FORMATS: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  url: 'a URL',
  uuid: 'a UUID',
  datetime: 'a time such as 2026-01-31T12:00:00Z',
};

const UNITS: Readonly<Record<string, string>> = { string: 'characters', array: 'entries', set: 'entries' };

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'a number with a fraction';
  return KINDS[typeof value] ?? typeof value;
};

/** `word` is `least` or `most`; `origin` names what is measured. */
const boundText = (origin: string, bound: number | bigint, word: string, isInclusive: boolean): string => {
  const unit = UNITS[origin];
  if (unit === undefined) return isInclusive ? `Must be at ${word} ${bound}` : `Must not be ${bound}, or beyond it`;
  if (word === 'least' && bound === 1) return 'Must not be empty';
  return `Must have at ${word} ${bound} ${bound === 1 ? unit.replace(/ies$/, 'y').replace(/s$/, '') : unit}`;
};

/** For a union when no form explains the fault better. */
const NO_FORM = 'Does not have any of the forms that the documentation lists';

/** Says what would be right, unless the schema has a message of its own. */
const faultText = (issue: z.core.$ZodRawIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'Is missing';
      return `Must be ${KINDS[issue.expected] ?? issue.expected}, not ${kindOf(issue.input)}`;
    case 'too_small':
      return boundText(issue.origin, issue.minimum, 'least', issue.inclusive ?? true);
    case 'too_big':
      return boundText(issue.origin, issue.maximum, 'most', issue.inclusive ?? true);
    case 'invalid_format': {
      const format = FORMATS[issue.format];
      return format === undefined ? `Must match ${issue.pattern ?? issue.format}` : `Must be ${format}`;
    }
    case 'not_multiple_of':
      return `Must be a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return `Must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_union':
      return NO_FORM;
    default:
      return 'Is not valid; see the documentation';
  }
};

const joinPath = (path: string, below: string): string => (path && below ? `${path}.${below}` : path || below);

/** For a union, the faults of the form that comes closest. */
function* faultsOf(issues: z.ZodError['issues'], within = ''): Generator<Fault> {
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
  // There may be 100,000 of them: all are counted, few are kept.
  for (const fault of faults) {
    count += 1;
    if (count <= MAX_FAULTS) errors.push(fault);
  }
  const [first = { path: '', message: 'Is not valid' }] = errors;
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  return new Problem('invalid-request', `${clip(first.path, MAX_PATH_BYTES)}: ${first.message}${more}`, { errors });
};

const PARSE_OPTIONS = { error: faultText };

/**
 * Checks all parts of a request together, so that the answer names every fault.
 * @throws Problem invalid-request
 */
export const parseInput = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const parsed = schema.safeParse(value, PARSE_OPTIONS);
  if (parsed.success) return parsed.data;
  throw refuse(faultsOf(parsed.error.issues));
};

const NO_QUERY = Object.freeze({});

/** The query as an object. A name that is given twice becomes a list, which a schema for one value refuses. */
export const readQuery = (search: string): Record<string, string | string[]> => {
  if (search === '') return NO_QUERY;
  const parameters = new URLSearchParams(search);
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const [only = '', ...more] = parameters.getAll(name);
      return [name, more.length === 0 ? only : [only, ...more]];
    }),
  );
};

/** @throws Problem invalid-request when the segment is not percent-encoded UTF-8 */
const readPathValue = (name: string, encoded: string): string => {
  if (!encoded.includes('%')) return encoded;
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw refuse([{ path: `path.${name}`, message: 'Not percent-encoded UTF-8; write a % itself as %25' }]);
  }
};

/** The path parameters by name. @throws Problem invalid-request */
export const readPath = (names: readonly string[], encoded: readonly string[]): Record<string, string> => {
  const values: Record<string, string> = {};
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] ?? '';
    values[name] = readPathValue(name, encoded[at] ?? '');
  }
  return values;
};

/** Only the headers that the schema names. The others are for proxies and for the kernel. */
export const readHeaders = (headers: IncomingHttpHeaders, names: readonly string[]): Record<string, unknown> => {
  const values: Record<string, unknown> = {};
  for (const name of names) values[name] = headers[name];
  return values;
};

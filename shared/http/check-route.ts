import * as z from 'zod';
import { problems } from '../problems/problem.ts';
import type { Route } from './route.ts';

/** The names of the path parameters, in order. */
export const pathNames = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');

/** The fields of an object's schema; none of any other schema. */
export const fieldNames = (schema: z.ZodType | undefined): string[] => {
  if (schema instanceof z.ZodPipe) return schema.in instanceof z.ZodType ? fieldNames(schema.in) : [];
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
};

/** Faults of the client, and of what every function needs: any route may answer them. */
const ANY_ROUTE = [400, 413, 415, 429, 503];

const faultsOf = function* ({ path, input, answers, problems: codes = [], examples = [] }: Route): Generator<string> {
  const names = pathNames(path);
  const fields = fieldNames(input.path);
  for (const name of names) if (!fields.includes(name)) yield `input.path lacks "${name}", which the path names`;
  for (const name of fields) if (!names.includes(name)) yield `the path lacks {${name}}, which input.path names`;
  for (const [status, { schema }] of Object.entries(answers)) {
    if (Number(status) >= 400) yield `${status} is an error; name its code in problems`;
    else if (schema === undefined && status !== '204') yield `the answer ${status} needs a schema`;
  }
  const statuses = [...Object.keys(answers).map(Number), ...codes.map((code) => problems[code].status), ...ANY_ROUTE];
  for (const { summary, status, path: values } of examples) {
    if (!statuses.includes(status)) yield `the example "${summary}" has ${status}, which is no answer or problem of it`;
    const missing = names.filter((name) => !Object.hasOwn(Object(values), name));
    for (const name of missing) yield `the example "${summary}" gives no ${name} for its path`;
  }
};

/**
 * What types cannot say of a route, checked when it is defined.
 * @throws Error that names the route and what contradicts what
 */
export const checkRoute = (route: Route): Route => {
  const faults = [...faultsOf(route)];
  if (faults.length > 0) throw new Error(`${route.method} ${route.path}: ${faults.join('; ')}`);
  return route;
};

import * as z from 'zod';
import { isCacheTag } from '../hooks.ts';
import { problems } from '../problems/problem.ts';
import type { Route } from './route.ts';

/** The names of the path parameters, in order. */
export const pathNames = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');

/** The fields of an object schema; none for any other schema. */
export const fieldNames = (schema: z.ZodType | undefined): string[] => {
  if (schema instanceof z.ZodPipe) return schema.in instanceof z.ZodType ? fieldNames(schema.in) : [];
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
};

const MAX_SECONDS = 86_400;
const MAX_RATE = 1_000_000;

const countFaults = function* (name: string, value: number, least: number, most: number): Generator<string> {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  yield `${name} is ${value}; it must be an integer from ${least} to ${most}`;
};

const limitFaults = function* ({ limit }: Route): Generator<string> {
  if (limit === undefined) return;
  yield* countFaults('limit.perMinute', limit.perMinute, 1, MAX_RATE);
  yield* countFaults('limit.burst', limit.burst ?? 1, 1, MAX_RATE);
};

const cacheFaults = function* ({ method, cache, answers }: Route): Generator<string> {
  if (cache === undefined) return;
  const { seconds, staleSeconds = 0, vary = [], tags = [] } = cache;
  if (method !== 'GET') yield 'only a GET can have a cache';
  yield* countFaults('cache.seconds', seconds, 1, MAX_SECONDS);
  yield* countFaults('cache.staleSeconds', staleSeconds, 0, MAX_SECONDS);
  for (const name of vary)
    if (!/^[a-z0-9-]+$/.test(name)) yield `cache.vary: "${name}" is not a header name in lower case`;
  for (const tag of tags) {
    if (!isCacheTag(tag))
      yield `nothing writes the tag "${tag}"; declare it with emptiedTag() beside the code that does`;
  }
  const hasTypes = Object.values(answers).some(({ also }) => also !== undefined);
  if (hasTypes && !vary.includes('accept')) yield 'cache.vary lacks "accept", on which its answers depend';
};

/** Problems that any route may answer. */
const ANY_ROUTE = [400, 413, 415, 429, 503];

const faultsOf = function* (route: Route): Generator<string> {
  const { path, input, answers, problems: codes = [], examples = [] } = route;
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
    if (!statuses.includes(status))
      yield `the example "${summary}" has the status ${status}, which the route does not document`;
    const missing = names.filter((name) => !Object.hasOwn(Object(values), name));
    for (const name of missing) yield `the example "${summary}" lacks ${name} in its path`;
  }
  yield* cacheFaults(route);
  yield* limitFaults(route);
};

/**
 * Checks what types cannot express, when a route is defined.
 * @throws Error that names the route and every fault
 */
export const checkRoute = (route: Route): Route => {
  const faults = [...faultsOf(route)];
  if (faults.length > 0) throw new Error(`${route.method} ${route.path}: ${faults.join('; ')}`);
  return route;
};

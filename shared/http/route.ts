import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { RateRule } from '../hooks.ts';
import type { ProblemCode } from '../problems/problem.ts';
import type { Answer } from './answer.ts';
import { parseJson, readText } from './body.ts';
import type { Call, Context } from './call.ts';
import { checkRoute, fieldNames, pathNames } from './check-route.ts';
import { type InputShape, type Part, parseInput, readHeaders, readPath, readQuery } from './input.ts';
import type { CacheRule } from './route-cache.ts';
import type { Answers, CheckedAnswers, CheckedPath, Example, ExampleOf, Reply } from './route-types.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface RouteHead<M extends Method, P extends string> {
  readonly method: M;
  /** Segments in braces are path parameters: `/users/{id}`. */
  readonly path: P;
  readonly summary: string;
  readonly description?: string;
  /** How answers are cached; only for a GET. */
  readonly cache?: CacheRule;
  /** A rate limit for each client of this route, instead of the function's. */
  readonly limit?: RateRule;
}

interface RouteSpec<M extends Method, P extends string, S extends InputShape, A extends Answers, C extends ProblemCode>
  extends RouteHead<M, P> {
  readonly input?: S & CheckedPath<P, S>;
  /** Media types that the body may have. */
  readonly bodyTypes?: readonly string[];
  readonly answers: A & CheckedAnswers<A>;
  /** Problems beyond those that any route may answer. */
  readonly problems?: readonly C[];
  readonly examples?: readonly ExampleOf<S, A, C>[];
  readonly handle: (input: z.output<z.ZodObject<S>>, context: Context) => Reply<A> | Promise<Reply<A>>;
}

/** A route, for the kernel, the documentation and the client. */
export interface Route<
  M extends Method = Method,
  P extends string = string,
  S extends InputShape = InputShape,
  A extends Answers = Answers,
> extends RouteHead<M, P> {
  readonly input: S;
  readonly bodyTypes: readonly string[];
  readonly answers: A;
  readonly problems?: readonly ProblemCode[] | undefined;
  readonly examples?: readonly Example[] | undefined;
  /** Reads and checks the request's parts, then answers. @param keep computes the answer, or finds a cached one */
  readonly run: (call: Call, keep?: Keep) => Promise<Answer> | Answer;
}

type Parts = Partial<Record<Part, unknown>>;
type Keep = (input: unknown, compute: () => Promise<Answer>) => Promise<Answer>;

const JSON_ONLY = ['application/json'];

/**
 * Defines one endpoint. Its schemas are the types, the checks and the documentation.
 * @throws Error that names the route, if its parts contradict each other
 */
export function route<
  M extends Method,
  P extends `/${string}`,
  A extends Answers,
  S extends InputShape = Record<never, never>,
  C extends ProblemCode = never,
>(spec: RouteSpec<M, P, S, A, C>): Route<M, P, S, A>;
export function route(spec: RouteSpec<Method, string, InputShape, Answers, ProblemCode>): Route {
  const { handle, input = {}, bodyTypes = JSON_ONLY, ...rest } = spec;
  const schema = z.object(input);
  const names = pathNames(spec.path);
  const headerNames = fieldNames(input.headers);
  const { path: takesPath, query: takesQuery, headers: takesHeaders, body: takesBody } = input;
  const handleBody = async (request: IncomingMessage, parts: Parts, context: Context) => {
    const text = await readText(request, bodyTypes);
    if (text !== undefined) {
      context.bodyText = text;
      parts.body = parseJson(text);
    }
    return handle(parseInput(schema, parts), context);
  };
  return checkRoute({
    ...rest,
    input,
    bodyTypes,
    run: ({ request, match, search, context }, keep) => {
      const parts: Parts = {};
      if (takesPath) parts.path = readPath(names, match.values);
      if (takesQuery) parts.query = readQuery(search);
      if (takesHeaders) parts.headers = readHeaders(request.headers, headerNames);
      if (takesBody) return handleBody(request, parts, context);
      const checked = parseInput(schema, parts);
      return keep === undefined ? handle(checked, context) : keep(checked, async () => handle(checked, context));
    },
  });
}

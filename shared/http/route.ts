import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { ProblemCode } from '../problems/problem.ts';
import type { Answer } from './answer.ts';
import { parseJson, readText } from './body.ts';
import type { Context } from './context.ts';
import { type InputShape, parseInput, readHeaders, readPathValue, readQuery } from './input.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** An answer as the documentation shows it. */
export interface AnswerSpec {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Media type of the body; application/json unless said. */
  readonly type?: string;
  /** Further media types of the same answer, chosen by what the caller asks for. */
  readonly also?: Readonly<Record<string, z.ZodType>>;
  readonly example?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request that works when it is sent as it stands to a freshly seeded stack, and the status it gets. */
export interface Example {
  readonly summary: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly status: number;
}

interface RouteSpec<S extends InputShape> {
  readonly method: Method;
  /** Segments in braces are path parameters: `/users/{id}`. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly description?: string;
  readonly input?: S;
  /** Media types that the body may have. */
  readonly bodyTypes?: readonly string[];
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  /** Problems of this route beyond those that any route may answer. */
  readonly problems?: readonly ProblemCode[];
  readonly examples?: readonly Example[];
  readonly handle: (input: z.output<z.ZodObject<S>>, context: Context) => Answer | Promise<Answer>;
}

/** A route as the kernel and the documentation see it. */
export interface Route extends Omit<RouteSpec<InputShape>, 'handle' | 'input' | 'bodyTypes'> {
  readonly input: InputShape;
  readonly bodyTypes: readonly string[];
  /** Reads and checks the request's parts, then answers. `pathValues` are as they stand in the URL. */
  readonly run: (
    request: IncomingMessage,
    pathValues: readonly string[],
    search: string,
    context: Context,
  ) => Promise<Answer>;
}

const JSON_ONLY = ['application/json'];

/** The names of the path parameters, in order. */
export const pathNames = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');

const fieldNames = (schema: z.ZodType | undefined): string[] => {
  if (schema instanceof z.ZodPipe) return schema.in instanceof z.ZodType ? fieldNames(schema.in) : [];
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
};

/** One endpoint: a contract above, a sentence below. The schemas are its types and its documentation. */
export const route = <S extends InputShape>(spec: RouteSpec<S>): Route => {
  const { handle, input, bodyTypes = JSON_ONLY, ...rest } = spec;
  const shape: InputShape = input ?? {};
  const schema = z.object(spec.input);
  const names = pathNames(spec.path);
  const headerNames = fieldNames(shape.headers);
  return {
    ...rest,
    input: shape,
    bodyTypes,
    run: async (request, pathValues, search, context) => {
      const parts: { path?: unknown; query?: unknown; headers?: unknown; body?: unknown } = {};
      if (shape.path) {
        parts.path = Object.fromEntries(names.map((name, at) => [name, readPathValue(name, pathValues[at] ?? '')]));
      }
      if (shape.query) parts.query = readQuery(search);
      if (shape.headers) parts.headers = readHeaders(request.headers, headerNames);
      if (shape.body) {
        const text = await readText(request, bodyTypes);
        if (text !== undefined) {
          context.bodyText = text;
          parts.body = parseJson(text);
        }
      }
      return handle(parseInput(schema, parts), context);
    },
  };
};

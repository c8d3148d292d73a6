import type * as z from 'zod';
import type { ProblemCode, problems } from '../problems/problem.ts';
import type { Answer } from './answer.ts';
import type { InputShape } from './input.ts';

/* How the parts of a route must fit together, for the compiler only. */

/** An answer in the documentation. */
export interface AnswerSpec {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** The media type of the body; application/json by default. */
  readonly type?: string;
  /** Other media types of the same answer, selected by the Accept header. */
  readonly also?: Readonly<Record<string, z.ZodType<string>>>;
  readonly example?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answers = Readonly<Record<number, AnswerSpec>>;

/** The JSON of an answer; undefined without a schema. */
export type BodyOf<A extends AnswerSpec> = A extends { readonly schema: z.ZodType<infer T> } ? T : undefined;

type PageOf<A extends AnswerSpec> = A extends { readonly also: object } ? string : never;

/** What the handler may return. */
export type Reply<A extends Answers> = {
  [Status in keyof A & number]: Answer<Status, BodyOf<A[Status]> | PageOf<A[Status]>>;
}[keyof A & number];

/** The example of each answer must fit its schema. */
export type CheckedAnswers<A extends Answers> = {
  readonly [Status in keyof A & number]: { readonly example?: BodyOf<A[Status]> };
};

type PathNames<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | PathNames<Rest> : never;

type PathKeys<S extends InputShape> = S extends { readonly path: z.ZodType<infer T> } ? keyof T & string : never;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** The names in the path must be the fields of `input.path`. Otherwise the compiler shows this text. */
export type CheckedPath<P extends string, S extends InputShape> = `/${string}` extends P
  ? unknown
  : Same<PathNames<P>, PathKeys<S>> extends true
    ? unknown
    : { readonly path: `The path has {${PathNames<P>}}, input.path has ${PathKeys<S>}` };

type Plain = string | number | boolean | undefined;

/** A path or query parameter: text, or the value that the schema makes of it (`id: 4`). */
export type Sent<S> = S extends z.ZodType
  ? { readonly [K in keyof z.input<S>]: z.input<S>[K] | Extract<FieldOf<z.output<S>, K>, Plain> }
  : never;

type FieldOf<T, K> = K extends keyof T ? T[K] : never;

type Given<S extends InputShape, Part extends keyof InputShape, T> =
  S extends Readonly<Record<Part, z.ZodType>> ? T : undefined;

type AnyRouteProblem =
  | 'malformed-json'
  | 'invalid-request'
  | 'payload-too-large'
  | 'unsupported-media-type'
  | 'redis-unavailable';

/** An example request: its parts fit the route's input, and the route documents its status. */
export interface ExampleOf<S extends InputShape, A extends Answers, C extends ProblemCode> {
  readonly summary: string;
  readonly path?: Given<S, 'path', Sent<S['path']>>;
  readonly query?: Given<S, 'query', Sent<S['query']>>;
  readonly headers?: Given<S, 'headers', z.input<NonNullable<S['headers']>>>;
  readonly body?: Given<S, 'body', z.input<NonNullable<S['body']>>>;
  readonly status: (keyof A & number) | (typeof problems)[C | AnyRouteProblem]['status'];
}

export type Values = Readonly<Record<string, Plain>>;

/** A request that works as it stands against a freshly seeded stack, and its status. */
export interface Example {
  readonly summary: string;
  readonly path?: Values | undefined;
  readonly query?: Values | undefined;
  readonly headers?: Values | undefined;
  readonly body?: unknown;
  readonly status: number;
}

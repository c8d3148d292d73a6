import type * as z from 'zod';
import type { ProblemCode, problems } from '../problems/problem.ts';
import type { Answer } from './answer.ts';
import type { InputShape } from './input.ts';

/* What the parts of a route owe each other, for the compiler. Nothing of it is there when the code runs. */

/** An answer as the documentation shows it. */
export interface AnswerSpec {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Media type of the body; application/json by default. */
  readonly type?: string;
  /** Further media types of the same answer, chosen by the Accept header. */
  readonly also?: Readonly<Record<string, z.ZodType<string>>>;
  readonly example?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answers = Readonly<Record<number, AnswerSpec>>;

/** What an answer holds as JSON; undefined without a schema. */
export type BodyOf<A extends AnswerSpec> = A extends { readonly schema: z.ZodType<infer T> } ? T : undefined;

type PageOf<A extends AnswerSpec> = A extends { readonly also: object } ? string : never;

/** What a handler with these answers may return. */
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

/** The names in the path must be the fields of `input.path`; the text is what the compiler then shows. */
export type CheckedPath<P extends string, S extends InputShape> = `/${string}` extends P
  ? unknown
  : Same<PathNames<P>, PathKeys<S>> extends true
    ? unknown
    : { readonly path: `The path has {${PathNames<P>}}, input.path has ${PathKeys<S>}` };

type Plain = string | number | boolean | undefined;

/** Path or query as a caller may give it: as text, or as what the schema makes of it (`id: 4`). */
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

/** An example of a route: its parts fit the route's input, its status is one that the route documents. */
export interface ExampleOf<S extends InputShape, A extends Answers, C extends ProblemCode> {
  readonly summary: string;
  readonly path?: Given<S, 'path', Sent<S['path']>>;
  readonly query?: Given<S, 'query', Sent<S['query']>>;
  readonly headers?: Given<S, 'headers', z.input<NonNullable<S['headers']>>>;
  readonly body?: Given<S, 'body', z.input<NonNullable<S['body']>>>;
  readonly status: (keyof A & number) | (typeof problems)[C | AnyRouteProblem]['status'];
}

export type Values = Readonly<Record<string, Plain>>;

/** One request that works when it is sent as it stands to a freshly seeded stack, and the status it gets. */
export interface Example {
  readonly summary: string;
  readonly path?: Values | undefined;
  readonly query?: Values | undefined;
  readonly headers?: Values | undefined;
  readonly body?: unknown;
  readonly status: number;
}

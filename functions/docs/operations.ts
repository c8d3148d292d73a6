import { config } from '../../shared/config/config.ts';
import { assumeJson, type JsonText } from '../../shared/stored-text.ts';
import document from './openapi.json' with { type: 'json' };

interface Response {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;
}

/** What the pages use of an operation in the document. The document is compiled in, so the compiler checks it. */
interface DocumentOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  /** The name of its function, and nothing else. */
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: { readonly type?: string; readonly default?: unknown };
  }[];
  readonly requestBody?: { readonly content: object };
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>;
  readonly 'x-examples': readonly {
    readonly summary: string;
    readonly status: number;
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  }[];
}

const paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>> = document.paths;
const sharedResponses: Readonly<Record<string, Response>> = document.components.responses;

/** Every operation, in the document's order. */
export const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
);

export type Operation = (typeof operations)[number];

/** The operations of one function. */
export const operationsOf = (name: string): Operation[] => operations.filter(({ tags }) => tags.includes(name));

/** The answers of an operation, with references to shared answers resolved. */
export const answersOf = ({ responses }: Operation) =>
  Object.entries(responses).map(([status, response]) => ({
    status,
    ...('$ref' in response ? sharedResponses[response.$ref.split('/').at(-1) ?? ''] : response),
  }));

/** The origin of an operation's function when FUNCTION_URLS gives it one of its own; undefined when it is this host. */
export const serverOf = ({ tags: [name = ''] }: Pick<Operation, 'tags'>): string | undefined =>
  config().functionUrls.get(name);

/** The document without white space, and with a server for each function that has an origin of its own. */
export const printDocument = (): JsonText<typeof document> =>
  assumeJson(
    JSON.stringify(document, (_key, value) => {
      const url = value?.operationId && serverOf(value);
      return url ? { ...value, servers: [{ url }] } : value;
    }),
  );

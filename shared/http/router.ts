import { Problem } from '../problems/problem.ts';
import type { FunctionDefinition } from './function.ts';
import type { Route } from './route.ts';

/** A route, the function it belongs to, and the values of its path parameters as they stand in the URL. */
export interface Match {
  readonly route: Route;
  /** Undefined for the routes that every function has: nobody counts or limits them. */
  readonly owner: FunctionDefinition | undefined;
  readonly values: readonly string[];
}

interface Place {
  readonly methods: Map<string, { route: Route; owner: FunctionDefinition | undefined }>;
  readonly pattern: RegExp | undefined;
  readonly allow: string;
}

const NO_VALUES: readonly string[] = [];

const compile = (path: string): RegExp | undefined => {
  if (!path.includes('{')) return undefined;
  const escaped = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\{\w+\}/g, '([^/]+)')}$`);
};

const allowOf = (methods: readonly string[]): string =>
  [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');

/** Finds routes by path, then by method. A path without parameters wins over one with. */
export class Router {
  readonly #fixed = new Map<string, Place>();
  readonly #patterns: Place[] = [];

  constructor(functions: readonly FunctionDefinition[], common: readonly Route[]) {
    const places = new Map<string, Place['methods']>();
    const owned = functions.flatMap((owner) => owner.routes.map((route) => ({ route, owner })));
    const ownerless = common.map((route) => ({ route, owner: undefined }));
    for (const { route, owner } of [...owned, ...ownerless]) {
      const methods: Place['methods'] = places.get(route.path) ?? new Map();
      if (!methods.has(route.method)) methods.set(route.method, { route, owner });
      places.set(route.path, methods);
    }
    for (const [path, methods] of places) {
      const place = { methods, pattern: compile(path), allow: allowOf([...methods.keys()]) };
      if (place.pattern === undefined) this.#fixed.set(path, place);
      else this.#patterns.push(place);
    }
  }

  /** The place of a path. @throws Problem not-found */
  #place(path: string): { place: Place; values: readonly string[] } {
    const fixed = this.#fixed.get(path);
    if (fixed !== undefined) return { place: fixed, values: NO_VALUES };
    for (const place of this.#patterns) {
      const found = place.pattern?.exec(path);
      if (found) return { place, values: found.slice(1) };
    }
    const where = this.#fixed.has('/docs') ? 'GET /docs' : 'The function docs';
    throw new Problem('not-found', `There is nothing at this path. ${where} lists what there is.`);
  }

  /** The Allow header of a path. @throws Problem not-found */
  allow(path: string): string {
    return this.#place(path).place.allow;
  }

  /** @throws Problem not-found, method-not-allowed */
  find(method: string, path: string): Match {
    const { place, values } = this.#place(path);
    const found = place.methods.get(method === 'HEAD' ? 'GET' : method);
    if (found === undefined) {
      throw new Problem('method-not-allowed', `Use ${place.allow}.`, { headers: { allow: place.allow } });
    }
    return { ...found, values };
  }
}

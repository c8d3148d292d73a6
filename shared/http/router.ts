import { Problem } from '../problems/problem.ts';
import type { FunctionDefinition } from './function.ts';
import type { Method, Route } from './route.ts';

/** A route and the function it belongs to. */
interface Owned {
  readonly route: Route;
  /** Undefined for the routes that every function has: they are neither counted nor limited. */
  readonly owner: FunctionDefinition | undefined;
}

export interface Match extends Owned {
  /** The values of the path parameters, in order, as they stand in the URL. */
  readonly values: readonly string[];
}

/** What there is at one path. */
interface Place {
  readonly methods: Map<string, Owned>;
  readonly allow: string;
}

/** One segment of the paths with parameters: a tree, so that a look-up costs the same however many routes there are. */
interface Segment {
  readonly named: Map<string, Segment>;
  parameter?: Segment;
  place?: Place;
}

const addPath = (root: Segment, path: string, place: Place): void => {
  let at = root;
  for (const name of path.slice(1).split('/')) {
    const next = (name.startsWith('{') ? at.parameter : at.named.get(name)) ?? { named: new Map() };
    if (name.startsWith('{')) at.parameter = next;
    else at.named.set(name, next);
    at = next;
  }
  at.place = place;
};

/** Looks up `path` from index `from` on, and adds the parameters to `values`. A parameter is one segment, never empty. */
const findPlace = (at: Segment, path: string, from: number, values: string[]): Place | undefined => {
  const slash = path.indexOf('/', from);
  const end = slash < 0 ? path.length : slash;
  const segment = path.slice(from, end);
  const below = (next: Segment) => (slash < 0 ? next.place : findPlace(next, path, end + 1, values));
  const named = at.named.get(segment);
  const found = named && below(named);
  if (found !== undefined || at.parameter === undefined || segment === '') return found;
  const depth = values.push(segment);
  const place = below(at.parameter);
  if (place === undefined) values.length = depth - 1;
  return place;
};

const allowOf = (methods: ReadonlySet<Method>): string =>
  [...methods, ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');

/** Finds a route by its path, then by its method. A path without parameters wins over one with. */
export class Router {
  readonly #fixed = new Map<string, Place>();
  readonly #withParameters: Segment = { named: new Map() };
  /** What `OPTIONS *` asks for. */
  readonly #allowAnywhere: string;

  constructor(functions: readonly FunctionDefinition[], common: readonly Route[]) {
    const owned = functions.flatMap((owner) => owner.routes.map((route) => ({ route, owner })));
    const all: readonly Owned[] = [...owned, ...common.map((route) => ({ route, owner: undefined }))];
    this.#allowAnywhere = allowOf(new Set(all.map(({ route }) => route.method)));
    for (const [path, here] of Map.groupBy(all, ({ route }) => route.path)) {
      // The first of two wins: a function's own route before a common one.
      const methods = new Map(here.toReversed().map((found) => [found.route.method, found]));
      const place = { methods, allow: allowOf(new Set(here.map(({ route }) => route.method))) };
      if (path.includes('{')) addPath(this.#withParameters, path, place);
      else this.#fixed.set(path, place);
    }
  }

  /** Adds the path parameters to `values`. @throws Problem not-found */
  #place(path: string, values: string[]): Place {
    const place = this.#fixed.get(path) ?? findPlace(this.#withParameters, path, 1, values);
    if (place !== undefined) return place;
    const where = this.#fixed.has('/docs') ? 'GET /docs' : 'The function docs';
    throw new Problem('not-found', `There is nothing at this path. ${where} lists what there is.`);
  }

  /** The Allow header of a path, or of all of them when it is `*`. @throws Problem not-found */
  allow(path: string): string {
    return path === '*' ? this.#allowAnywhere : this.#place(path, []).allow;
  }

  /** @throws Problem not-found, method-not-allowed */
  find(method: string, path: string): Match {
    const values: string[] = [];
    const { methods, allow } = this.#place(path, values);
    const found = methods.get(method === 'HEAD' ? 'GET' : method);
    if (found === undefined) throw new Problem('method-not-allowed', `Use ${allow}.`, { headers: { allow } });
    return { route: found.route, owner: found.owner, values };
  }
}

import { Problem } from '../problems/problem.ts';
import type { FunctionDefinition } from './function.ts';
import type { Method, Route } from './route.ts';

/** A route, the function it belongs to, and the values of its path parameters as they stand in the URL. */
export interface Match {
  readonly route: Route;
  /** Undefined for the routes that every function has: those are neither counted nor limited. */
  readonly owner: FunctionDefinition | undefined;
  readonly values: readonly string[];
}

interface Place {
  readonly methods: Map<string, { route: Route; owner: FunctionDefinition | undefined }>;
  readonly allow: string;
}

/** One segment of the paths with parameters, so that finding a path costs the same however many routes there are. */
interface Segment {
  readonly named: Map<string, Segment>;
  parameter?: Segment;
  place?: Place;
}

const NO_VALUES: readonly string[] = [];

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

/** The place of `path` from `from` on; a parameter takes one segment that is not empty. */
const findPath = (at: Segment, path: string, from: number, values: string[]): Place | undefined => {
  const slash = path.indexOf('/', from);
  const end = slash < 0 ? path.length : slash;
  const segment = path.slice(from, end);
  const below = (next: Segment) => (slash < 0 ? next.place : findPath(next, path, end + 1, values));
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

/** Finds routes by path, then by method. A path without parameters wins over one with. */
export class Router {
  readonly #fixed = new Map<string, Place>();
  /** Of the whole server, which `OPTIONS *` asks for. */
  readonly #allow: string;
  readonly #withParameters: Segment = { named: new Map() };

  constructor(functions: readonly FunctionDefinition[], common: readonly Route[]) {
    const owned = functions.flatMap((owner) => owner.routes.map((route) => ({ route, owner })));
    const all = [...owned, ...common.map((route) => ({ route, owner: undefined }))];
    this.#allow = allowOf(new Set(all.map(({ route }) => route.method)));
    for (const [path, here] of Map.groupBy(all, ({ route }) => route.path)) {
      // Of two that are the same the first counts: a function's own route before a common one.
      const methods = new Map(here.toReversed().map((found) => [found.route.method, found]));
      const place = { methods, allow: allowOf(new Set(here.map(({ route }) => route.method))) };
      if (path.includes('{')) addPath(this.#withParameters, path, place);
      else this.#fixed.set(path, place);
    }
  }

  /** The place of a path. @throws Problem not-found */
  #place(path: string): { place: Place; values: readonly string[] } {
    const fixed = this.#fixed.get(path);
    if (fixed !== undefined) return { place: fixed, values: NO_VALUES };
    const values: string[] = [];
    const place = findPath(this.#withParameters, path, 1, values);
    if (place !== undefined) return { place, values };
    const where = this.#fixed.has('/docs') ? 'GET /docs' : 'The function docs';
    throw new Problem('not-found', `There is nothing at this path. ${where} lists what there is.`);
  }

  /** The Allow header of a path, or of all of them when it is `*`. @throws Problem not-found */
  allow(path: string): string {
    return path === '*' ? this.#allow : this.#place(path).place.allow;
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

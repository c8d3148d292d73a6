import { requestOf, send } from '../../shared/client.ts';
import type { Hooks } from '../../shared/hooks.ts';
import { commonRoutes } from '../../shared/http/common-routes.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import { createServe } from '../../shared/http/kernel.ts';
import type { Route } from '../../shared/http/route.ts';
import { Router } from '../../shared/http/router.ts';
import { createKernelServer } from '../../shared/http/seam.ts';
import { Problem, type ProblemCode, problemSchema } from '../../shared/problems/problem.ts';
import { closeRedis, redis } from '../../shared/redis/index.ts';
import { serveHttp } from '../local/free-port.ts';

/** Problems that any route may answer without documenting them. */
const COMMON: readonly ProblemCode[] = [
  'malformed-json',
  'invalid-request',
  'payload-too-large',
  'unsupported-media-type',
  'rate-limited',
  'redis-unavailable',
];

/** The route that serves a request, or the problem that says why there is none. */
const findRoute = (router: Router, method: string, path: string): Route | Problem => {
  try {
    return router.find(method, path.split('?')[0] ?? '').route;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
};

interface CallOptions {
  /** Sent as JSON. A string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Received = Awaited<ReturnType<typeof send>>;

const checkDocumented = (router: Router, method: string, path: string, { status, body }: Received): void => {
  const route = findRoute(router, method, path);
  if (route instanceof Problem) {
    if (route.status !== status) throw route;
    return;
  }
  if (status >= 400) {
    const code = problemSchema.parse(body).type.slice('/problems/'.length);
    const known: readonly string[] = [...COMMON, ...(route.problems ?? [])];
    if (!known.includes(code)) throw new Error(`${method} ${path} does not document ${code}`);
    return;
  }
  const answer = route.answers[status];
  if (answer === undefined && status !== 304) throw new Error(`${method} ${path} does not document ${status}`);
  if (method !== 'HEAD') answer?.schema?.parse(body);
};

/** Whether one of `functions` serves this request. Tests across functions skip those that were removed. */
export const isServed = (functions: readonly FunctionDefinition[], method: string, path: string): boolean =>
  !(findRoute(new Router(functions, []), method, path) instanceof Problem);

/** Serves functions on a free port of this process, through the same kernel as under the framework. */
export const startServe = async (functions: readonly FunctionDefinition[], hooks?: Hooks) => {
  const { url, stop } = await serveHttp(createKernelServer(createServe(functions, hooks)));
  const router = new Router(functions, commonRoutes);
  return {
    url,
    /**
     * Sends a request, valid or not, and reads the answer.
     * @throws Error when the route does not document the answer
     */
    call: async (method: string, path: string, { body, headers = {} }: CallOptions = {}) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const received = await send(requestOf(url, `${method} ${path}`, { headers, text }));
      checkDocumented(router, method, path, received);
      return { ...received, etag: received.headers.get('etag') ?? '' };
    },
    stop: async (): Promise<void> => {
      await stop();
      await closeRedis();
    },
  };
};

export type Served = Awaited<ReturnType<typeof startServe>>;

/** Sends any command to the server that holds `key`. */
export const command = (name: string, key: string, ...args: readonly (string | number)[]): Promise<unknown> =>
  redis((client) =>
    client.eval('return redis.call(ARGV[1], KEYS[1], unpack(ARGV, 2))', {
      keys: [key],
      arguments: [name, ...args.map(String)],
    }),
  );

/** All keys of the database. */
export const allKeys = (): Promise<string[]> =>
  redis(async (_, { primaries }) => {
    const keys: string[] = [];
    for (const client of await primaries()) {
      let cursor = '0';
      do {
        const step = await client.scan(cursor, { COUNT: 1_000 });
        keys.push(...step.keys);
        ({ cursor } = step);
      } while (cursor !== '0');
    }
    return [...new Set(keys)].sort();
  });

/** Empties the database of this test file. */
export const emptyRedis = (): Promise<void> =>
  redis(async (_, { primaries }) => {
    for (const client of await primaries())
      await client.eval("return redis.call('FLUSHDB')", { keys: [], arguments: [] });
  });

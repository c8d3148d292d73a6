import type { IncomingMessage, ServerResponse } from 'node:http';
import { config } from '../config/config.ts';
import { log, type RequestTrace } from '../log.ts';
import { Problem } from '../problems/problem.ts';
import { type Answer, noContent, problemAnswer } from './answer.ts';
import { commonRoutes } from './common-routes.ts';
import { Context } from './context.ts';
import type { FunctionDefinition } from './function.ts';
import { type Match, Router } from './router.ts';
import { type ExtraHeaders, send } from './send.ts';
import { readTrace } from './trace.ts';
import { requestStarted } from './under-way.ts';

/** How a client stands with its limit. */
export interface LimitState {
  readonly allowed: boolean;
  /** Calls at once. */
  readonly limit: number;
  readonly remaining: number;
  /** In this time, as many calls more are allowed. */
  readonly window_seconds: number;
  /** Whole seconds until one more call is allowed than now. */
  readonly reset_seconds: number;
}

/** What happens around every call. The kernel knows when, not how: that is the domain's. */
export interface Hooks {
  /** Counts a call of a function. A promise when it is time to store the counts: it travels with the call's own. */
  readonly count?: (functionName: string) => Promise<void> | undefined;
  /**
   * Takes one call off a client's limit; undefined when there is none, or nobody can tell. Not a promise when the
   * instance knows it without asking Redis.
   */
  readonly limit?: (functionName: string, client: string) => Promise<LimitState | undefined> | LimitState | undefined;
}

export type Serve = (request: IncomingMessage, response: ServerResponse<IncomingMessage>) => void;

const limitHeaders = ({ limit, remaining, window_seconds, reset_seconds }: LimitState): ExtraHeaders => ({
  'ratelimit-policy': `"default";q=${limit};w=${window_seconds}`,
  ratelimit: `"default";r=${remaining};t=${reset_seconds}`,
});

const limited = ({ limit, window_seconds, reset_seconds }: LimitState): Problem =>
  new Problem(
    'rate-limited',
    `At most ${limit} calls at once, and as many more every ${window_seconds} seconds. Try again in ${reset_seconds} seconds.`,
    {
      retryAfterSeconds: reset_seconds,
    },
  );

const withoutHost = (): Problem => new Problem('invalid-request', 'HTTP/1.1 wants a Host header.');

/** Path and query. A client that takes this for a proxy sends a whole URL, which servers must understand. */
const readTarget = ({ url = '/' }: IncomingMessage): string => {
  if (url.startsWith('/')) return url;
  const target = url.replace(/^https?:\/\/[^/?]*/i, '');
  return target.startsWith('?') || target === '' ? `/${target}` : target;
};

const toAnswer = (error: unknown, trace: RequestTrace): Answer => {
  if (error instanceof Problem) {
    if (error.status >= 500) {
      log.warn(error.message, { code: error.code, causes: log.causesOf(error) }, trace);
    }
    return problemAnswer(error, trace.requestId);
  }
  log.error(error, {}, trace);
  const detail = 'The fault is on this side and has been noted. Quote the request_id when you report it.';
  return problemAnswer(new Problem('internal', detail), trace.requestId);
};

/** Serves the routes of some functions: all there is between Node's request and a handler. */
export const createServe = (functions: readonly FunctionDefinition[], hooks: Hooks = {}): Serve => {
  const router = new Router(functions, commonRoutes);

  /** A read runs beside the limiter's question, so that both are one trip to Redis; a write waits for its answer. */
  const runLimited = async (
    { route, owner, values }: Match,
    search: string,
    request: IncomingMessage,
    context: Context,
    addHeaders: (headers: ExtraHeaders) => void,
  ): Promise<Answer> => {
    const asked = owner?.limited ? hooks.limit?.(owner.name, context.address(config().trustedProxyHops)) : undefined;
    if (asked === undefined) return route.run(request, values, search, context);
    const mayRunBeside = asked instanceof Promise && route.method === 'GET';
    const early = mayRunBeside ? route.run(request, values, search, context) : undefined;
    early?.catch(() => {});
    const state = await asked;
    if (state !== undefined) {
      addHeaders(limitHeaders(state));
      if (!state.allowed) throw limited(state);
    }
    return early ?? route.run(request, values, search, context);
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const trace = readTrace(request.headers);
    const { method = 'GET' } = request;
    const url = readTarget(request);
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    let extra: ExtraHeaders | undefined;
    let answer: Answer;
    let stored: Promise<void> | undefined;
    try {
      if (request.headers.host === undefined && request.httpVersionMinor > 0) throw withoutHost();
      if (method === 'OPTIONS') {
        extra = { allow: router.allow(path) };
        answer = noContent();
      } else {
        const match = router.find(method, path);
        stored = match.owner && hooks.count?.(match.owner.name);
        const context = new Context(request, response);
        answer = await runLimited(match, mark < 0 ? '' : url.slice(mark + 1), request, context, (headers) => {
          extra = headers;
        });
      }
    } catch (error) {
      answer = toAnswer(error, trace);
    }
    await stored;
    await send(request, response, trace.requestId, answer, extra);
  };

  return (request, response) => {
    requestStarted(response);
    respond(request, response).catch((error) => {
      log.error(error);
      response.destroy();
    });
  };
};

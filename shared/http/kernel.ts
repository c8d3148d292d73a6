import type { IncomingMessage, ServerResponse } from 'node:http';
import { config } from '../config/config.ts';
import type { CountCall, Hooks } from '../hooks.ts';
import { log, type RequestTrace } from '../log.ts';
import { Problem } from '../problems/problem.ts';
import { type Answer, noContent, okPage, problemAnswer } from './answer.ts';
import { byAddress, bySubject, type Call, Context, type Step } from './call.ts';
import { commonRoutes } from './common-routes.ts';
import { requestStarted } from './connections.ts';
import type { FunctionDefinition } from './function.ts';
import { withinLimit } from './limit.ts';
import { prefersHtml } from './negotiation.ts';
import { checkHost, readTarget, readTrace } from './request-head.ts';
import { runRoute } from './route-cache.ts';
import { Router } from './router.ts';
import { send } from './send.ts';

/** Storing the counts shares a trip to Redis with the call's own commands, and ends before the answer. */
const counted = (count: CountCall | undefined, next: Step): Step => {
  if (count === undefined) return next;
  return (call) => {
    const { owner } = call.match;
    const stored = owner && count(owner.name);
    return stored === undefined ? next(call) : Promise.try(next, call).finally(() => stored);
  };
};

const INTERNAL = 'The fault is on this side and has been noted. Quote the request_id when you report it.';

/** Turns whatever was thrown into a problem. Logs what needs somebody's attention. */
const problemOf = (error: unknown, trace: RequestTrace): Problem => {
  if (!(error instanceof Problem)) {
    log.error(error, {}, trace);
    const inFull = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return new Problem('internal', config().isDevelopment ? inFull : INTERNAL);
  }
  if (error.status >= 500) log.warn(error.message, { code: error.code, causes: log.causesOf(error) }, trace);
  return error;
};

const problemPage = async (problem: Problem, method: string | undefined, requestId: string): Promise<Answer> => {
  const { renderProblem } = await import('../problems/problem-page.ts');
  // A browser can repeat a GET by itself, but would ask the user before it repeats anything else.
  const retry = method === 'GET' ? problem.headers['retry-after'] : undefined;
  const page = okPage(renderProblem(problem, requestId, retry));
  return { ...page, status: problem.status, headers: { ...page.headers, ...problem.headers } };
};

/** The answer to a request that failed: problem+json, or a page for a client that prefers HTML. */
export const answerFailure = (
  error: unknown,
  { headers: { accept }, method }: IncomingMessage,
  trace: RequestTrace,
): Promise<Answer> | Answer => {
  const problem = problemOf(error, trace);
  const isPage = accept !== undefined && prefersHtml(accept);
  return isPage ? problemPage(problem, method, trace.requestId) : problemAnswer(problem, trace.requestId);
};

export type Serve = (request: IncomingMessage, response: ServerResponse<IncomingMessage>) => void;

/** Serves the routes of some functions: everything between Node's request and a handler. */
export const createServe = (functions: readonly FunctionDefinition[], hooks: Hooks = {}): Serve => {
  const router = new Router(functions, commonRoutes);
  const identify = functions.every(({ access }) => access === 'private') ? bySubject : byAddress;
  const runCall = counted(hooks.count, withinLimit(hooks.limit, identify, runRoute(hooks.keep)));

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { headers, method = 'GET' } = request;
    const trace = readTrace(headers);
    let call: Call | undefined;
    let answer: Answer;
    try {
      checkHost(request);
      const { path, search } = readTarget(request);
      if (method === 'OPTIONS') {
        answer = noContent({ allow: router.allow(path) });
      } else {
        call = { request, match: router.find(method, path), search, context: new Context(request, response) };
        answer = await runCall(call);
      }
    } catch (error) {
      answer = await answerFailure(error, request, trace);
    }
    return send(request, response, trace.requestId, answer, call?.extra);
  };

  return (request, response) => {
    requestStarted(response);
    respond(request, response).catch((error) => {
      log.error(error);
      response.destroy();
    });
  };
};

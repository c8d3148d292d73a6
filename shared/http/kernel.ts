import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CountCall, Hooks } from '../hooks.ts';
import { log } from '../log.ts';
import { type Answer, noContent } from './answer.ts';
import { byAddress, bySubject } from './caller.ts';
import { commonRoutes } from './common-routes.ts';
import { type Call, Context, type Step } from './context.ts';
import type { FunctionDefinition } from './function.ts';
import { withinLimit } from './limit.ts';
import { refusalOf } from './refusal.ts';
import { checkHost, readTarget, readTrace } from './request-head.ts';
import { runRoute } from './route-cache.ts';
import { Router } from './router.ts';
import { send } from './send.ts';
import { requestStarted } from './under-way.ts';

/** Storing the counts travels to Redis beside the call's own commands, and ends before the answer. */
const counted = (count: CountCall | undefined, next: Step): Step => {
  if (count === undefined) return next;
  return (call) => {
    const { owner } = call.match;
    const stored = owner && count(owner.name);
    return stored === undefined ? next(call) : Promise.try(next, call).finally(() => stored);
  };
};

export type Serve = (request: IncomingMessage, response: ServerResponse<IncomingMessage>) => void;

/** Serves the routes of some functions: all there is between Node's request and a handler. */
export const createServe = (functions: readonly FunctionDefinition[], hooks: Hooks = {}): Serve => {
  const router = new Router(functions, commonRoutes);
  // Where one function is public, Google has checked no caller's token.
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
      answer = await refusalOf(error, request, trace);
    }
    await send(request, response, trace.requestId, answer, call?.extra);
  };

  return (request, response) => {
    requestStarted(response);
    respond(request, response).catch((error) => {
      log.error(error);
      response.destroy();
    });
  };
};

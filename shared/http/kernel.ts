import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KeepAnswers } from '../answer-keeper.ts';
import { log } from '../log.ts';
import { type Answer, noContent } from './answer.ts';
import { byAddress, bySubject } from './caller.ts';
import { commonRoutes } from './common-routes.ts';
import { Context } from './context.ts';
import { type CountCall, counted } from './count.ts';
import type { FunctionDefinition } from './function.ts';
import { type TakeCall, withinLimit } from './limit.ts';
import { refusalOf } from './refusal.ts';
import { runRoute } from './route-cache.ts';
import { Router } from './router.ts';
import { send } from './send.ts';
import type { Call } from './step.ts';
import { checkHost, readTarget } from './target.ts';
import { readTrace } from './trace.ts';
import { requestStarted } from './under-way.ts';

/** What happens around every call. The kernel knows when, not how: that is the domain's. */
export interface Hooks {
  readonly count?: CountCall;
  readonly limit?: TakeCall;
  readonly keep?: KeepAnswers;
}

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

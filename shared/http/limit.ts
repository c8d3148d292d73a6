import type { LimitState, TakeCall } from '../hooks.ts';
import { Problem } from '../problems/problem.ts';
import type { Answer } from './answer.ts';
import type { Call, Identify, Step } from './call.ts';
import type { FunctionDefinition } from './function.ts';
import type { Route } from './route.ts';
import type { ExtraHeaders } from './send.ts';

const headersOf = ({ limit, remaining, window_seconds, reset_seconds }: LimitState): ExtraHeaders => ({
  'ratelimit-policy': `"default";q=${limit};w=${window_seconds}`,
  ratelimit: `"default";r=${remaining};t=${reset_seconds}`,
});

const refusal = ({ limit, window_seconds, reset_seconds: retryAfterSeconds }: LimitState): Problem => {
  const detail = `At most ${limit} calls at once, and as many more every ${window_seconds} seconds. Try again in ${retryAfterSeconds} seconds.`;
  return new Problem('rate-limited', detail, { retryAfterSeconds });
};

/** The name of the limit that a call counts against, if any. A route with its own rate has its own limit. */
const limitedAs = ({ limit, method, path }: Route, owner: FunctionDefinition | undefined): string | undefined => {
  if (limit !== undefined) return `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
  return owner?.limited ? owner.name : undefined;
};

export const isLimited = (route: Route, owner: FunctionDefinition | undefined): boolean =>
  limitedAs(route, owner) !== undefined;

/** A read runs while Redis is asked, so that both share one trip. A write waits for permission. */
export const withinLimit = (take: TakeCall | undefined, identify: Identify, next: Step): Step => {
  if (take === undefined) return next;
  const runLimited = async (call: Call, asked: NonNullable<ReturnType<TakeCall>>): Promise<Answer> => {
    const runsBeside = asked instanceof Promise && call.match.route.method === 'GET';
    const early = runsBeside ? Promise.try(next, call) : undefined;
    early?.catch(() => {});
    const state = await asked;
    if (state !== undefined) {
      call.extra = headersOf(state);
      if (!state.allowed) throw refusal(state);
    }
    return await (early ?? next(call));
  };
  return (call) => {
    const { owner, route } = call.match;
    const name = limitedAs(route, owner);
    const asked = name === undefined ? undefined : take(name, identify(call.request), route.limit);
    return asked === undefined ? next(call) : runLimited(call, asked);
  };
};

import type { FunctionDefinition } from '../../shared/http/function.ts';
import { isLimited } from '../../shared/http/limit.ts';
import type { Route } from '../../shared/http/route.ts';
import { type ProblemCode, problemSchema, problems } from '../../shared/problems/problem.ts';

const BODY_PROBLEMS = ['malformed-json', 'invalid-request', 'payload-too-large', 'unsupported-media-type'] as const;

/** Every problem that a route may answer: its own, and those of what it takes and of the function it belongs to. */
const codesOf = ({ problems: own = [], ...route }: Route, owner: FunctionDefinition | undefined) => {
  // Whatever the route: two Host headers, for instance.
  const codes = new Set<ProblemCode>([...own, 'invalid-request', 'internal']);
  if (route.input.body) for (const code of BODY_PROBLEMS) codes.add(code);
  if (isLimited(route, owner)) codes.add('rate-limited');
  if (owner?.needsRedis) codes.add('redis-unavailable');
  return codes;
};

const RETRY = new Set([429, 503]);

const makeResponse = (id: string, status: number, codes: readonly ProblemCode[]) => ({
  id,
  description: codes.map((code) => `${problems[code].title} (\`${code}\`).`).join(' '),
  headers: {
    'X-Request-Id': { $ref: '#/components/headers/RequestId' },
    ...(status === 429 && {
      RateLimit: { $ref: '#/components/headers/RateLimit' },
      'RateLimit-Policy': { $ref: '#/components/headers/RateLimitPolicy' },
    }),
    ...(RETRY.has(status) && { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }),
  },
  content: {
    // To a caller that prefers it, such as a browser.
    'text/html': { schema: { type: 'string' as const } },
    'application/problem+json': { schema: problemSchema },
  },
});

/** Routes with the same problems share one component, and for that the very same object. */
const known = new Map<string, ReturnType<typeof makeResponse>>();

const responseOf = (status: number, codes: readonly ProblemCode[]) => {
  const sorted = codes.toSorted();
  const id = sorted.join('_');
  const response = known.get(id) ?? makeResponse(id, status, sorted);
  known.set(id, response);
  return response;
};

/** What Google's IAM answers in front of a private function: a page of its own, not a problem. */
const refusal = (id: string, description: string) => ({
  id,
  description,
  content: { 'text/html': { schema: { type: 'string' as const } } },
});
const REFUSALS = {
  401: refusal('unauthenticated', "Google's IAM found no valid identity token. It answers before the function does."),
  403: refusal('forbidden', "Google's IAM does not let this caller in. It answers before the function does."),
};

/** The error answers of a route, one for each status; codes that share a status share an answer. */
export const problemResponses = (route: Route, owner: FunctionDefinition | undefined) => {
  const byStatus = Map.groupBy(codesOf(route, owner), (code) => problems[code].status);
  return {
    ...Object.fromEntries([...byStatus].map(([status, codes]) => [`${status}`, responseOf(status, codes)])),
    ...(owner?.access === 'private' && REFUSALS),
  };
};

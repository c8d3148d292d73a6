import type { FunctionDefinition } from '../../shared/http/function.ts';
import { isLimited } from '../../shared/http/limit.ts';
import type { Route } from '../../shared/http/route.ts';
import { type ProblemCode, problemSchema, problems } from '../../shared/problems/problem.ts';
import { RATE_LIMIT, REQUEST_ID, RETRY_AFTER } from './openapi-headers.ts';

const BODY_PROBLEMS = ['malformed-json', 'invalid-request', 'payload-too-large', 'unsupported-media-type'] as const;

/** Every problem that a route can answer with: its own, and those that its input and its function add. */
const codesOf = ({ problems: own = [], ...route }: Route, owner: FunctionDefinition | undefined) => {
  // Every route: the kernel refuses a request with two Host headers, for instance.
  const codes = new Set<ProblemCode>([...own, 'invalid-request', 'internal']);
  if (route.input.body) for (const code of BODY_PROBLEMS) codes.add(code);
  if (isLimited(route, owner)) codes.add('rate-limited');
  if (owner?.needsRedis) codes.add('redis-unavailable');
  return codes;
};

const makeResponse = (id: string, status: number, codes: readonly ProblemCode[]) => ({
  id,
  description: codes.map((code) => `${problems[code].title} (\`${code}\`).`).join(' '),
  headers: {
    ...REQUEST_ID,
    ...(status === 429 && RATE_LIMIT),
    ...((status === 429 || status === 503) && RETRY_AFTER),
  },
  content: {
    // For a client that prefers it, such as a browser.
    'text/html': { schema: { type: 'string' as const } },
    'application/problem+json': { schema: problemSchema },
  },
});

/** zod-openapi makes one component of responses only if they are the same object. */
const known = new Map<string, ReturnType<typeof makeResponse>>();

const responseOf = (status: number, codes: readonly ProblemCode[]) => {
  const sorted = codes.toSorted();
  const id = sorted.join('_');
  const response = known.get(id) ?? makeResponse(id, status, sorted);
  known.set(id, response);
  return response;
};

/** Google's IAM, in front of a private function, answers with an HTML page instead of a problem. */
const refusal = (id: string, description: string) => ({
  id,
  description,
  content: { 'text/html': { schema: { type: 'string' as const } } },
});
const REFUSALS = {
  401: refusal(
    'unauthenticated',
    "Google's IAM found no valid identity token. The request does not reach the function.",
  ),
  403: refusal('forbidden', "Google's IAM does not allow this caller. The request does not reach the function."),
};

/** The error responses of a route. Problems with the same status share a response. */
export const problemResponses = (route: Route, owner: FunctionDefinition | undefined) => {
  const byStatus = Map.groupBy(codesOf(route, owner), (code) => problems[code].status);
  return {
    ...Object.fromEntries([...byStatus].map(([status, codes]) => [`${status}`, responseOf(status, codes)])),
    ...(owner?.access === 'private' && REFUSALS),
  };
};

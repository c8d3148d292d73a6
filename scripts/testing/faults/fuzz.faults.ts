import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { manifest } from '../../../functions/manifest.ts';
import { commonRoutes } from '../../../shared/http/common-routes.ts';
import { problemSchema, problems } from '../../../shared/problems/problem.ts';
import { type FrameworkProcess, startFramework } from '../../local/framework-process.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';
import { type FeedServer, startFeed } from '../test-feed.ts';
import { type Answer, send } from './fault-load.ts';
import { type FuzzRequest, fuzzRequests } from './fuzz-requests.ts';
import { foreignKeys } from './stored-keys.ts';

/** FUZZ_SEED and FUZZ_RUNS repeat a run, or make a different one. */
const SEED = Number(process.env.FUZZ_SEED ?? 20_260_101);
const RUNS = Number(process.env.FUZZ_RUNS ?? 20_000);
const LONGEST_MS = 4_000;
const AT_ONCE = 24;
const MAX_REFUSAL_BYTES = 16_384;

const PASSWORD = 'a-password-of-the-fuzzing';

let server: RedisServer;
let feed: FeedServer;
let api: FrameworkProcess;

beforeAll(async () => {
  server = await startRedis({ password: PASSWORD });
  feed = await startFeed();
  const env = {
    REDIS_URL: server.url,
    SENTICRYPT_URL: feed.url,
    RATE_LIMIT_PER_MINUTE: '0',
    // These tests do not measure speed.
    REDIS_TIMEOUT_MS: '5000',
    REDIS_CONNECT_TIMEOUT_MS: '5000',
  };
  api = await startFramework('api', { env });
});
afterAll(async () => {
  await api.stop();
  await feed.stop();
  await server.stop();
});

const statusOf = new Map<string, number>(
  Object.entries(problems).map(([code, { status }]) => [`/problems/${code}`, status]),
);

/** What is wrong with an answer; undefined when nothing is. */
const faultOf = (
  { route, method, headers: asked }: FuzzRequest,
  { status, headers, body }: Answer,
  ms: number,
): string | undefined => {
  if (status === 0) return `no answer: ${body}`;
  if (ms > LONGEST_MS) return `took ${Math.round(ms)} ms`;
  if (headers['x-request-id'] === undefined) return 'no x-request-id';
  if (method === 'HEAD' || status === 204 || status === 304)
    return body === '' ? undefined : 'a body where none is allowed';
  if (status >= 400) {
    if (status >= 500) return 'a server error';
    if (body.length > MAX_REFUSAL_BYTES) return 'too long an answer to bad input';
    if (asked.accept === 'text/html')
      return body.includes(`Problem ${status}`) ? undefined : 'an error that is not a page';
    if (headers['content-type'] !== 'application/problem+json') return 'an error that is not a problem';
    const { data } = problemSchema.safeParse(JSON.parse(body));
    if (data === undefined) return 'a problem that does not match its schema';
    return statusOf.get(data.type) === status && data.status === status
      ? undefined
      : 'a problem that is not in the catalogue';
  }
  const spec =
    method === route.method ? Object.entries(route.answers).find(([code]) => Number(code) === status)?.[1] : undefined;
  // Another method is another route, which has requests of its own.
  if (method !== route.method) return undefined;
  if (spec === undefined) return 'a status that the route does not document';
  if (headers['content-type'] !== 'application/json' || spec.schema === undefined) return undefined;
  const parsed = spec.schema.safeParse(JSON.parse(body));
  return parsed.success
    ? undefined
    : `does not match its schema: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}`;
};

it(`answers ${RUNS} valid and nearly valid requests as documented (seed ${SEED})`, async () => {
  const requests = fc.sample(fuzzRequests(manifest, commonRoutes), { numRuns: RUNS, seed: SEED });
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const started = performance.now();
      const { route: _, ...sent } = request;
      const answer = await send(api.url, { ...sent, timeoutMs: 10_000 });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const fault = faultOf(request, answer, performance.now() - started);
      if (fault === undefined) continue;
      faults.push(`${fault}: ${answer.status} ${JSON.stringify(sent).slice(0, 600)} → ${answer.body.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  process.stdout.write(`\nfuzzing, seed ${SEED}, ${RUNS} requests: ${counts.join(', ')}\n`);
  if (faults.length > 0) process.stdout.write(api.output().slice(-9_000));
  expect(faults.slice(0, 20)).toEqual([]);
});

it('wrote only keys that a route owns', async () => {
  expect(foreignKeys(await server.admin('KEYS', '*'))).toEqual([]);
});

it('printed no stack trace, body or password', () => {
  expect(api.output()).not.toMatch(/stack_trace|SyntaxError|UnhandledPromise/);
  expect(api.output()).not.toContain(PASSWORD);
});

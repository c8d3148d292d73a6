import http from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { manifest } from '../../../functions/manifest.ts';
import { commonRoutes } from '../../../shared/http/common-routes.ts';
import { problemSchema, problems } from '../../../shared/problems/problem.ts';
import { type FrameworkProcess, startFramework } from '../../local/framework-process.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';
import { type FeedServer, startFeed } from './broken-feed.ts';
import { type FuzzRequest, fuzzRequests } from './requests.ts';
import { foreignKeys } from './stored-keys.ts';

/** FUZZ_SEED and FUZZ_RUNS make another run, or the same one again. */
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
    // How fast this machine is, is not the question here.
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

const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  readonly ms: number;
}

const send = ({ method, url, headers, body }: FuzzRequest): Promise<Answer> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(api.url);
    const started = performance.now();
    const fail = (what: string) => resolve({ status: 0, headers: {}, body: what, ms: performance.now() - started });
    const request = http.request({ hostname, port, method, path: url, headers, agent, timeout: 10_000 }, (response) => {
      let text = '';
      const done = () => {
        const ms = performance.now() - started;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, ms });
      };
      // A stream has no end: its first piece says enough.
      const isStream = response.headers['content-type'] === 'text/event-stream' && method !== 'HEAD';
      response.on('data', (chunk) => {
        text += chunk;
        if (!isStream) return;
        done();
        request.destroy();
      });
      response.on('end', done);
    });
    request.on('timeout', () => request.destroy(new Error('a hang')));
    request.on('error', (error) => fail(error.message));
    request.end(body);
  });

const statusOf = new Map<string, number>(
  Object.entries(problems).map(([code, { status }]) => [`/problems/${code}`, status]),
);

/** What is wrong with an answer; undefined when nothing is. */
const faultOf = (
  { route, method, headers: asked }: FuzzRequest,
  { status, headers, body, ms }: Answer,
): string | undefined => {
  if (status === 0) return `no answer: ${body}`;
  if (ms > LONGEST_MS) return `took ${Math.round(ms)} ms`;
  if (headers['x-request-id'] === undefined) return 'no x-request-id';
  if (method === 'HEAD' || status === 204 || status === 304)
    return body === '' ? undefined : 'a body where none may be';
  if (status >= 400) {
    if (status >= 500) return 'a fault of ours';
    if (body.length > MAX_REFUSAL_BYTES) return 'a long answer to bad input';
    if (asked.accept === 'text/html')
      return body.includes(`Problem ${status}`) ? undefined : 'an error that is no page';
    if (headers['content-type'] !== 'application/problem+json') return 'an error that is no problem';
    const { data } = problemSchema.safeParse(JSON.parse(body));
    if (data === undefined) return 'a problem of another form';
    return statusOf.get(data.type) === status && data.status === status ? undefined : 'not of the catalogue';
  }
  const spec =
    method === route.method ? Object.entries(route.answers).find(([code]) => Number(code) === status)?.[1] : undefined;
  // Another method on this path is another route, checked with that one's requests.
  if (method !== route.method) return undefined;
  if (spec === undefined) return 'a status that the route does not document';
  if (headers['content-type'] !== 'application/json' || spec.schema === undefined) return undefined;
  const parsed = spec.schema.safeParse(JSON.parse(body));
  return parsed.success
    ? undefined
    : `not as its schema: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}`;
};

it(`answers ${RUNS} requests from its schemas and their near misses as documented (seed ${SEED})`, async () => {
  const requests = fc.sample(fuzzRequests(manifest, commonRoutes), { numRuns: RUNS, seed: SEED });
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const answer = await send(request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const fault = faultOf(request, answer);
      if (fault !== undefined) {
        const { route: _, ...shown } = request;
        faults.push(`${fault}: ${answer.status} ${JSON.stringify(shown).slice(0, 600)} → ${answer.body.slice(0, 300)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  process.stdout.write(`\nfuzzing, seed ${SEED}, ${RUNS} requests: ${counts.join(', ')}\n`);
  if (faults.length > 0) process.stdout.write(api.output().slice(-9_000));
  expect(faults.slice(0, 20)).toEqual([]);
});

it('wrote no key that is not of a route', async () => {
  expect(foreignKeys(await server.admin('KEYS', '*'))).toEqual([]);
});

it('printed no stack, no body and no password', () => {
  expect(api.output()).not.toMatch(/stack_trace|SyntaxError|UnhandledPromise/);
  expect(api.output()).not.toContain(PASSWORD);
});

import * as z from 'zod';
import { Problem, type ProblemCode, problems } from '../problems/problem.ts';
import { isSilence } from '../redis/errors.ts';
import { redis } from '../redis/index.ts';
import { HTML, ok, okPage } from './answer.ts';
import { prefersHtml } from './negotiation.ts';
import { route } from './route.ts';

/** Does not check Redis, so that a failover restarts no instance. */
const health = route({
  method: 'GET',
  path: '/health',
  summary: 'Whether the process serves; does not check Redis',
  answers: {
    200: { description: 'It does.', schema: z.object({ status: z.literal('ok') }), example: { status: 'ok' } },
  },
  examples: [{ summary: 'Ask for the health', status: 200 }],
  handle: () => ok({ status: 'ok' as const }),
});

/** For uptime checks and smoke tests, never for probes. */
const ready = route({
  method: 'GET',
  path: '/ready',
  summary: 'Whether Redis answers, with its latency',
  answers: {
    200: {
      description: 'It does.',
      schema: z.object({ status: z.literal('ready'), redis_latency_ms: z.number() }),
      example: { status: 'ready', redis_latency_ms: 0.4 },
    },
  },
  problems: ['redis-unavailable'],
  examples: [{ summary: 'Ask whether Redis answers', status: 200 }],
  handle: async () => {
    const before = performance.now();
    await redis((client) => client.ping(), { retry: true });
    return ok({ status: 'ready' as const, redis_latency_ms: Math.round((performance.now() - before) * 1000) / 1000 });
  },
});

/** After this, an instance starts without Redis: an outage must not keep instances from starting. */
const PATIENCE_MS = 120_000;

/**
 * For the startup probe with Direct VPC egress, which may take a minute to connect a new instance. Any reply from Redis
 * counts, even a refusal.
 * @param uptimeMs milliseconds since the process started
 */
export const startupRoute = (uptimeMs: () => number) =>
  route({
    method: 'GET',
    path: '/startup',
    summary: 'Whether Redis can be reached, or two minutes have passed since the start',
    answers: {
      200: {
        description: 'It can, or they have.',
        schema: z.object({ status: z.literal('started') }),
        example: { status: 'started' },
      },
    },
    problems: ['redis-unavailable'],
    examples: [{ summary: 'Ask whether Redis can be reached', status: 200 }],
    handle: async () => {
      if (uptimeMs() < PATIENCE_MS) {
        await redis((client) => client.ping()).catch((error: unknown) => {
          if (isSilence(error)) throw error;
        });
      }
      return ok({ status: 'started' as const });
    },
  });

const isCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code);

/** Each function is a host of its own, so each answers the `type` URLs of its own problems. */
const problemType = route({
  method: 'GET',
  path: '/problems/{code}',
  summary: 'What a problem means',
  input: { path: z.strictObject({ code: z.string().meta({ example: 'not-found' }) }) },
  answers: {
    200: {
      description: 'The problem.',
      schema: z.object({ type: z.string(), title: z.string(), status: z.int() }),
      also: { [HTML]: z.string().meta({ description: 'A page' }) },
      example: { type: '/problems/not-found', title: 'Not found', status: 404 },
    },
  },
  problems: ['not-found'],
  examples: [{ summary: 'Look up a problem', path: { code: 'not-found' }, status: 200 }],
  handle: async ({ path: { code } }, { accept }) => {
    if (!isCode(code)) throw new Problem('not-found', `There is no problem "${code}". GET /docs lists them.`);
    if (prefersHtml(accept)) {
      const { renderProblemType } = await import('../problems/problem-page.ts');
      return okPage(renderProblemType(code));
    }
    return ok({ type: `/problems/${code}`, ...problems[code] }, { headers: { vary: 'accept' } });
  },
});

/** Routes of every function. */
export const commonRoutes = [health, ready, startupRoute(() => performance.now()), problemType];

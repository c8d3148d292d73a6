import * as z from 'zod';
import { redis } from '../redis/index.ts';
import { isSilence } from '../redis/silence.ts';
import { ok } from './answer.ts';
import { route } from './route.ts';

/** After that a start waits no longer: a real outage of Redis must not keep instances from starting. */
const PATIENCE_MS = 120_000;

/**
 * Whether the network leads to Redis: for the startup probe with Direct VPC egress, which may connect only a minute
 * after an instance starts. Any answer of Redis will do, a refusal too.
 * @param uptimeMs milliseconds since the process started
 */
export const startupRoute = (uptimeMs: () => number) =>
  route({
    method: 'GET',
    path: '/startup',
    summary: 'Whether the network leads to Redis, or has been given two minutes to',
    answers: {
      200: {
        description: 'Start.',
        schema: z.object({ status: z.literal('started') }),
        example: { status: 'started' },
      },
    },
    problems: ['redis-unavailable'],
    examples: [{ summary: 'Ask whether the network leads to Redis', status: 200 }],
    handle: async () => {
      if (uptimeMs() < PATIENCE_MS) {
        await redis((client) => client.ping()).catch((error: unknown) => {
          if (isSilence(error)) throw error;
        });
      }
      return ok({ status: 'started' as const });
    },
  });

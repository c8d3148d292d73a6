import * as z from 'zod';
import { followSummary } from '../../shared/domain/bitcoin/summary-events.ts';
import { clientKey } from '../../shared/domain/limiter.ts';
import { eventStream } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';
import { Problem } from '../../shared/problems/problem.ts';

/** Streams of one client at once: a household or an office with many tabs, and no more. */
const MAX_OF_CLIENT = 20;
/** Streams of one instance at once: below its concurrency, so that it still answers its other requests. */
export const MAX_STREAMS = 450;
const RETRY_SECONDS = 30;

const open = new Map<string, number>();
let total = 0;

const refuse = (detail: string): never => {
  throw new Problem('too-many-streams', detail, { retryAfterSeconds: RETRY_SECONDS });
};

/**
 * Takes one of the instance's event streams for `client`, until `signal`.
 * @throws Problem too-many-streams when the client, or the instance, has as many as it may
 */
const takeSlot = (client: string, signal: AbortSignal): void => {
  const before = open.get(client) ?? 0;
  if (before >= MAX_OF_CLIENT)
    refuse(`A client may hold ${MAX_OF_CLIENT} event streams at once. Close one, then retry.`);
  if (total >= MAX_STREAMS) refuse('This instance serves as many event streams as it can. Try again shortly.');
  if (signal.aborted) return;
  open.set(client, before + 1);
  total += 1;
  const free = (): void => {
    total -= 1;
    const left = (open.get(client) ?? 1) - 1;
    if (left === 0) open.delete(client);
    else open.set(client, left);
  };
  signal.addEventListener('abort', free, { once: true });
};

const readEvents = route({
  method: 'GET',
  path: '/is-bitcoin-lit/events',
  summary: 'The summary at once and after every refresh that added samples',
  description:
    'Server-Sent Events: `event: summary` with the JSON of GET /is-bitcoin-lit as data; `event: paused` while Redis is away; a comment every 15 s.',
  answers: {
    200: {
      description:
        'A stream that ends after 15 minutes, or when the instance does; the browser then dials again by itself.',
      type: 'text/event-stream',
      schema: z.string(),
      example: 'retry: 2000\n\nevent: summary\nid: 1625679018000\ndata: {"lit":false}\n\n',
    },
  },
  problems: ['too-many-streams'],
  handle: async (_input, { address, signal }) => {
    takeSlot(clientKey(address), signal);
    return eventStream(await followSummary(signal));
  },
});

export const bitcoinEvents = defineFunction({
  name: 'bitcoin-events',
  summary: 'The summary as a live stream',
  access: 'public',
  limited: true,
  deploy: { concurrency: 500, max_instances: 5, timeout_seconds: 3_600 },
  routes: [readEvents],
});

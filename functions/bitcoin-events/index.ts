import * as z from 'zod';
import { followSummary } from '../../shared/domain/bitcoin/summary-events.ts';
import { clientKey } from '../../shared/domain/limiter.ts';
import { eventStream } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';
import { Problem } from '../../shared/problems/problem.ts';

/** Enough for a household or an office with many tabs. */
const MAX_STREAMS_PER_CLIENT = 20;
/** For one instance. Below its concurrency, so that it can still answer other requests. */
export const MAX_STREAMS = 450;

/** The client of each open stream. */
const open: string[] = [];

/**
 * Counts a stream of `client` until `signal` aborts.
 * @throws Problem too-many-streams when the client or the instance is at its limit
 */
const takeStream = (client: string, signal: AbortSignal): void => {
  const tooMany = (detail: string): Problem => new Problem('too-many-streams', detail, { retryAfterSeconds: 30 });
  if (open.filter((each) => each === client).length >= MAX_STREAMS_PER_CLIENT)
    throw tooMany(`A client may have ${MAX_STREAMS_PER_CLIENT} event streams open at once. Close one, then retry.`);
  if (open.length >= MAX_STREAMS) throw tooMany('This instance cannot open more event streams. Retry in a moment.');
  if (signal.aborted) return;
  open.push(client);
  signal.addEventListener('abort', () => open.splice(open.indexOf(client), 1), { once: true });
};

const readEvents = route({
  method: 'GET',
  path: '/is-bitcoin-lit/events',
  summary: 'The summary now, and after every refresh that adds samples',
  description:
    'Server-Sent Events: `event: summary` with the JSON of GET /is-bitcoin-lit as its data, `event: paused` while Redis is unreachable, and a comment every 15 seconds.',
  answers: {
    200: {
      description:
        'A stream. It ends after 15 minutes or when the instance stops, and the browser then reconnects by itself.',
      type: 'text/event-stream',
      schema: z.string(),
      example: 'retry: 2000\n\nevent: summary\nid: 1625679018000\ndata: {"lit":false}\n\n',
    },
  },
  problems: ['too-many-streams'],
  handle: async (_input, { address, signal }) => {
    takeStream(clientKey(address), signal);
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

import * as z from 'zod';
import { followSummary } from '../../shared/domain/bitcoin/summary-events.ts';
import { clientKey } from '../../shared/domain/limiter.ts';
import { eventStream } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';
import { takeSlot } from './stream-slots.ts';

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

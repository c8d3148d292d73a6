import { alreadyRunning, refreshResult, refresh as refreshSamples } from '../../shared/domain/bitcoin/refresh.ts';
import { accepted, ok } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { route } from '../../shared/http/route.ts';

const refreshFeed = route({
  method: 'POST',
  path: '/refresh',
  summary: 'Fetch the feed, store new samples and update the summary',
  description:
    'Idempotent: a sample that is already stored keeps its first value. If the feed fails midway, the samples fetched so far are stored.',
  answers: {
    200: {
      description: 'Done.',
      schema: refreshResult,
      example: {
        source: 'senticrypt',
        received: 2_474,
        added: 2,
        duplicates: 2_472,
        rejected: 0,
        latest: '2021-07-07T17:30:18.000Z',
        catching_up: false,
      },
    },
    202: {
      description: 'Another refresh is already running.',
      schema: alreadyRunning,
      example: { status: 'already-running' },
    },
  },
  problems: ['feed-invalid', 'feed-unavailable', 'feed-timeout'],
  examples: [{ summary: 'Refresh, as Cloud Scheduler does every minute', status: 200 }],
  handle: async () => {
    const result = await refreshSamples();
    return result === undefined ? accepted({ status: 'already-running' as const }) : ok(result);
  },
});

export const refresh = defineFunction({
  name: 'refresh',
  summary: 'Fetch the feed; Cloud Scheduler calls it every minute',
  access: 'private',
  limited: false,
  deploy: { max_instances: 2, timeout_seconds: 60 },
  routes: [refreshFeed],
});

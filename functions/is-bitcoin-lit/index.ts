import * as z from 'zod';
import { history, historyQuery, RANGE_HOURS, readHistory } from '../../shared/domain/bitcoin/history.ts';
import { samplesTag } from '../../shared/domain/bitcoin/samples.ts';
import { summary } from '../../shared/domain/bitcoin/summary.ts';
import { readSummary } from '../../shared/domain/bitcoin/summary-cache.ts';
import { listenForRefreshes } from '../../shared/domain/bitcoin/summary-events.ts';
import type { Reading } from '../../shared/domain/cached.ts';
import { HTML, ok, okJson } from '../../shared/http/answer.ts';
import { defineFunction } from '../../shared/http/function.ts';
import { prefersHtml } from '../../shared/http/negotiation.ts';
import { route } from '../../shared/http/route.ts';
import { answerImage, answerPage, IMAGE_TYPE } from './page-answer.ts';

const hour = { price: 33_903.91, sentiment: 0.26, samples: 97, complete: true };
const example: z.infer<typeof summary> = {
  lit: false,
  hourly_average_of_averages: [
    { ...hour, time: '2021-07-07T15:00:00.000Z' },
    { ...hour, time: '2021-07-07T16:00:00.000Z' },
    { time: '2021-07-07T17:00:00.000Z', price: 34_000.5, sentiment: 0.25, samples: 52, complete: false },
  ],
  price_direction: 'rising',
  sentiment_direction: 'falling',
  as_of: '2021-07-07T17:30:18.000Z',
  source: 'senticrypt',
  age_seconds: 24,
  stale: false,
};

/** A CDN may answer for a few seconds. A browser revalidates every time, and gets 304 when nothing has changed. */
const CACHE_CONTROL = 'public, max-age=0, s-maxage=5, stale-while-revalidate=30';

/** As RFC 9211 defines it. `stale` means that Redis was asked and did not answer. */
const cacheStatus = ({ status, from }: Reading): string => {
  if (status === 'hit') return `${from}; hit`;
  return status === 'miss' ? `${from}; fwd=miss; stored` : `${from}; fwd=stale; fwd-status=503`;
};

const pageQuery = z.object({
  hours: z
    .enum(RANGE_HOURS.map(String))
    .default('24')
    .transform((text) => RANGE_HOURS.find((hours) => String(hours) === text) ?? 24)
    .meta({
      description: 'How many hours the page shows. The JSON does not depend on it',
      override: { type: 'integer', enum: [...RANGE_HOURS], default: 24 },
    }),
});

const shareImage = route({
  method: 'GET',
  path: '/is-bitcoin-lit/image.svg',
  summary: 'The result as an image, for link previews',
  answers: { 200: { description: 'The image.', type: IMAGE_TYPE, schema: z.string(), example: '<svg xmlns="…"/>' } },
  problems: ['not-found'],
  examples: [{ summary: 'Get the image', status: 200 }],
  handle: answerImage,
});

const readLit = route({
  method: 'GET',
  path: '/is-bitcoin-lit',
  summary: 'Whether the price and sentiment of Bitcoin are both rising',
  description:
    'Averages of three clock hours (UTC), the last being the hour of the latest sample. A direction compares the last hour with the first.',
  input: { query: pageQuery },
  answers: {
    200: {
      description: 'The summary, or a page for `Accept: text/html`.',
      schema: summary,
      also: { [HTML]: z.string().meta({ description: 'A page' }) },
      example,
      headers: {
        ETag: 'The version of this summary',
        'Cache-Status': 'Hit, miss or stale, and in which cache (RFC 9211)',
      },
    },
  },
  problems: ['not-found'],
  examples: [{ summary: 'Read the summary', status: 200 }],
  handle: async ({ query: { hours } }, context) => {
    if (prefersHtml(context.accept)) return answerPage(hours, context);
    const printed = await readSummary(Date.now());
    // Subscribes to refreshes. A request that did not need Redis must not wait for it here.
    if (printed.from === 'redis') await listenForRefreshes();
    const headers = { 'cache-control': CACHE_CONTROL, 'cache-status': cacheStatus(printed), vary: 'accept' };
    return okJson(printed.json, { etag: printed.etag, headers });
  },
});

const readLitHistory = route({
  method: 'GET',
  path: '/is-bitcoin-lit/history',
  summary: 'Price and sentiment over time',
  cache: { seconds: 60, tags: [samplesTag] },
  input: { query: historyQuery },
  answers: {
    200: {
      description: 'One point for each step with samples, oldest first.',
      schema: history,
      example: {
        step_seconds: 3_600,
        points: [{ time: '2021-07-07T17:00:00.000Z', price: 34_000.5, sentiment: 0.25, samples: 52 }],
      },
    },
  },
  problems: ['not-found'],
  examples: [{ summary: 'The last three hours', query: { hours: '3', step_seconds: '3600' }, status: 200 }],
  handle: async ({ query }) => ok(await readHistory(query), { headers: { 'cache-control': CACHE_CONTROL } }),
});

export const isBitcoinLit = defineFunction({
  name: 'is-bitcoin-lit',
  summary: 'Whether the price and sentiment of Bitcoin are both rising, as JSON and as a page',
  access: 'public',
  limited: true,
  routes: [readLit, readLitHistory, shareImage],
});

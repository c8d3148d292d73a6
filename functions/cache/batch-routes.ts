import {
  batchCondition,
  batchDeleted,
  batchEntries,
  batchFound,
  batchKeys,
  batchStored,
  batchTexts,
  deleteEntries,
  getEntries,
  setEntries,
} from '../../shared/domain/cache/cache-batch.ts';
import { ok, okJson } from '../../shared/http/answer.ts';
import { route } from '../../shared/http/route.ts';

const example = { entries: [{ key: 'a', value: 1 }], missing: ['b'] };

const getBatch = route({
  method: 'POST',
  path: '/cache/batch/get',
  summary: 'Get up to 1,000 entries at once',
  input: { body: batchKeys },
  answers: {
    200: { description: 'The entries that exist, in the order of the request.', schema: batchFound, example },
  },
  problems: ['conflict'],
  examples: [{ summary: 'Get two entries', body: { keys: ['a', 'b'] }, status: 200 }],
  handle: async ({ body: { keys } }) => okJson(await getEntries(keys)),
});

const setBatch = route({
  method: 'POST',
  path: '/cache/batch/set',
  summary: 'Set up to 1,000 entries at once',
  description:
    '`If-None-Match: *` adds only entries that do not exist, and lists the others under `refused`. The batch is atomic on a single Redis node. On a cluster, a failure may leave part of it written.',
  input: { headers: batchCondition, body: batchEntries },
  answers: { 200: { description: 'How many entries were set.', schema: batchStored, example: { stored: 2 } } },
  examples: [
    {
      summary: 'Set two entries for a minute',
      body: {
        entries: [
          { key: 'a', value: 1 },
          { key: 'b', value: 'two' },
        ],
        ttl_seconds: 60,
      },
      status: 200,
    },
  ],
  handle: async ({ headers: { isAdding }, body: { ttl_seconds } }, { bodyText }) => {
    const entries = batchTexts(bodyText);
    const refused = await setEntries(entries, { ttl: ttl_seconds ?? null, isAdding });
    return ok({ stored: entries.length - refused.length, ...(isAdding && { refused }) });
  },
});

const deleteBatch = route({
  method: 'POST',
  path: '/cache/batch/delete',
  summary: 'Delete up to 1,000 entries at once',
  input: { body: batchKeys },
  answers: { 200: { description: 'How many entries were deleted.', schema: batchDeleted, example: { deleted: 2 } } },
  examples: [{ summary: 'Delete two entries', body: { keys: ['a', 'b'] }, status: 200 }],
  handle: async ({ body: { keys } }) => ok({ deleted: await deleteEntries(keys) }),
});

export const batchRoutes = [getBatch, setBatch, deleteBatch];

import {
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
  answers: { 200: { description: 'What there is, in the order asked for.', schema: batchFound, example } },
  problems: ['conflict'],
  examples: [{ summary: 'Get two entries', body: { keys: ['a', 'b'] }, status: 200 }],
  handle: async ({ body: { keys } }) => okJson(await getEntries(keys)),
});

const setBatch = route({
  method: 'POST',
  path: '/cache/batch/set',
  summary: 'Set up to 1,000 entries at once',
  description: 'All or none on one Redis node; on a cluster a fault may leave some of them written.',
  input: { body: batchEntries },
  answers: { 200: { description: 'Set.', schema: batchStored, example: { stored: 2 } } },
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
  handle: async ({ body: { ttl_seconds } }, { bodyText }) => {
    const entries = batchTexts(bodyText);
    await setEntries(entries, ttl_seconds ?? null);
    return ok({ stored: entries.length });
  },
});

const deleteBatch = route({
  method: 'POST',
  path: '/cache/batch/delete',
  summary: 'Delete up to 1,000 entries at once',
  input: { body: batchKeys },
  answers: { 200: { description: 'How many there were.', schema: batchDeleted, example: { deleted: 2 } } },
  examples: [{ summary: 'Delete two entries', body: { keys: ['a', 'b'] }, status: 200 }],
  handle: async ({ body: { keys } }) => ok({ deleted: await deleteEntries(keys) }),
});

export const batchRoutes = [getBatch, setBatch, deleteBatch];

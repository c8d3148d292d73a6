import { setEntries } from '../../shared/domain/cache/cache-batch.ts';
import { setCounter } from '../../shared/domain/counters/counters.ts';
import { putUser } from '../../shared/domain/documents/users.ts';
import { closeRedis } from '../../shared/redis/index.ts';
import { cacheValue, user } from './scenarios.ts';

/* Stores users, counters or cache entries in the Redis of REDIS_URL: `node scripts/bench/fill.ts users 1000000`. */

const [what, count] = process.argv.slice(2);
const BATCH = 1_000;

const fill = (ids: readonly number[]): Promise<unknown> => {
  if (what === 'users') return Promise.all(ids.map((id) => putUser(id, user)));
  if (what === 'counters') return Promise.all(ids.map((id) => setCounter(`visits-${id}`, id)));
  const entries = ids.map((id) => ({ key: `key-${id}`, text: JSON.stringify(cacheValue) }));
  return setEntries(entries, { ttl: null, isAdding: false });
};

for (let from = 0; from < Number(count); from += BATCH) {
  await fill(Array.from({ length: Math.min(BATCH, Number(count) - from) }, (_, at) => from + at));
}
await closeRedis();

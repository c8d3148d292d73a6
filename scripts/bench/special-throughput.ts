import { withHistory } from './history-bench.ts';
import type { Ask } from './http-load.ts';
import { startServer } from './machine.ts';
import type { Row } from './report.ts';
import { readCache, readHour } from './scenarios.ts';
import { ceiling, hello, ours, peer, type Where } from './servers.ts';
import { medianOf, race, send, toRows } from './throughput.ts';

/** The summary from the cache, beside peers that send a fixed text. */
export const summaryThroughput = async (where: Where, rounds: number): Promise<Row[]> => {
  const { spec, stop } = await withHistory(where, 1, 4);
  await stop();
  const ask: Ask = { method: 'GET', path: '/is-bitcoin-lit' };
  const results = await race(
    [
      { name: 'ours', spec, ask },
      { name: 'hello', spec: hello(), ask: { method: 'GET', path: '/' } },
      { name: 'fastify', spec: peer('fastify', where), ask },
      { name: 'hono', spec: peer('hono', where), ask },
      { name: 'ceiling', spec: ceiling(where), ask },
    ],
    rounds,
  );
  return toRows('GET /is-bitcoin-lit, cached', '≤ 0.25 · 0.75 · 0.85 · 1.00 ×', results);
};

const KEYS = Array.from({ length: 100 }, (_, at) => `key-${at}`);

/** Keys a second by batches of 100, beside one GET for each. */
export const batchThroughput = async (where: Where, rounds: number): Promise<Row[]> => {
  const spec = ours('cache', where);
  const server = await startServer(spec);
  const entries = KEYS.map((key) => ({ key, value: { greeting: 'hello', at: [1, 2, 3] } }));
  await send(server.url, { method: 'POST', path: '/cache/batch/set', body: JSON.stringify({ entries }) });
  await server.stop();
  const batch: Ask = { method: 'POST', path: '/cache/batch/get', body: JSON.stringify({ keys: KEYS }) };
  const [batches, singles] = await race(
    [
      { name: 'ours', spec, ask: batch },
      { name: 'single GETs', spec, ask: { ...readCache.ask, path: '/cache/key-1' } },
    ],
    rounds,
  );
  if (batches === undefined || singles === undefined) return [];
  const keys = medianOf(batches, 'perSecond') * KEYS.length;
  const single = medianOf(singles, 'perSecond');
  const beside = [{ name: 'single GETs', value: single, ratio: keys / single }];
  return [{ name: 'POST /cache/batch/get of 100 keys', ours: keys, unit: 'keys/s', beside, goal: '≥ 15 ×' }];
};

/** The limiter at work, with a limit that one client cannot reach; what it refuses would be cheaper. */
export const limitedThroughput = async (where: Where, rounds: number): Promise<Row[]> => {
  const { spec, stop } = await withHistory(where, 1, 8);
  await stop();
  const limited = { ...spec, env: { ...spec.env, RATE_LIMIT_PER_MINUTE: '1000000' } };
  const { ask, name } = readHour;
  const results = await race(
    [
      { name: 'ours', spec: limited, ask },
      { name: 'without a limit', spec, ask },
    ],
    rounds,
  );
  return toRows(`${name}, limited`, '≤ 1.15 ×', results).slice(0, 2);
};

import { startProxy } from '../testing/tcp-proxy.ts';
import { seedHistory } from './history-bench.ts';
import type { RequestSpec } from './http-load.ts';
import { emptyDatabase, type ServerSpec } from './machine.ts';
import { type Contestant, loadRows, medians, race } from './race.ts';
import type { Row } from './report.ts';
import { traceRequest } from './round-trips.ts';
import { cacheValue, readHour, type Scenario, seedFor, sendOnce } from './scenarios.ts';
import { baseline, hello, naive, ours } from './servers.ts';

const specOf = async (rival: Scenario['rivals'][number], scenario: Scenario, redisUrl: string): Promise<ServerSpec> => {
  const { target, request } = scenario;
  if (rival === 'naive') return naive(target, redisUrl);
  if (rival !== 'ceiling') return baseline(rival, redisUrl);
  // It sends the command that our function was seen to send.
  const { commands } = await traceRequest(target, request, redisUrl);
  return baseline(rival, redisUrl, { COMMAND: JSON.stringify(commands[0]) });
};

const compare = async (scenario: Scenario, redisUrl: string, rounds: number): Promise<Row[]> => {
  const { name, target, request, rivals, goal } = scenario;
  const contestants: Contestant[] = [{ name: 'ours', spec: ours(target, redisUrl), request }];
  for (const rival of rivals) contestants.push({ name: rival, spec: await specOf(rival, scenario, redisUrl), request });
  return loadRows(name, goal, await race(contestants, rounds));
};

export const throughput = async (scenario: Scenario, redisUrl: string, rounds: number): Promise<Row[]> => {
  await seedFor(scenario, redisUrl);
  if (scenario.redisDelayMs === undefined) return compare(scenario, redisUrl, rounds);
  const proxy = await startProxy(redisUrl);
  proxy.slowDown(scenario.redisDelayMs);
  return compare(scenario, proxy.url, rounds).finally(proxy.stop);
};

/** The cached summary, compared with baselines that send a fixed text. */
export const summaryThroughput = async (redisUrl: string, rounds: number): Promise<Row[]> => {
  const database = emptyDatabase(redisUrl);
  await seedHistory(database, 1);
  const request: RequestSpec = { method: 'GET', path: '/is-bitcoin-lit' };
  const series = await race(
    [
      { name: 'ours', spec: ours('is-bitcoin-lit', database), request },
      { name: 'hello', spec: hello, request: { method: 'GET', path: '/' } },
      { name: 'fastify', spec: baseline('fastify', redisUrl), request },
      { name: 'hono', spec: baseline('hono', redisUrl), request },
      { name: 'ceiling', spec: baseline('ceiling', redisUrl), request },
    ],
    rounds,
  );
  return loadRows('GET /is-bitcoin-lit, cached', '≤ 0.25 · 0.75 · 0.85 · 1.00 ×', series);
};

const KEYS = Array.from({ length: 100 }, (_, at) => `key-${at}`);

/** Keys per second in batches of 100, compared with one GET per key. */
export const batchThroughput = async (redisUrl: string, rounds: number): Promise<Row[]> => {
  const spec = ours('cache', redisUrl);
  const entries = KEYS.map((key) => ({ key, value: cacheValue }));
  await sendOnce(spec, { method: 'POST', path: '/cache/batch/set', body: JSON.stringify({ entries }) });
  const series = await race(
    [
      {
        name: 'ours',
        spec,
        request: { method: 'POST', path: '/cache/batch/get', body: JSON.stringify({ keys: KEYS }) },
      },
      { name: 'single GETs', spec, request: { method: 'GET', path: '/cache/key-1' } },
    ],
    rounds,
  );
  const [batches, singles] = medians(series, ({ perSecond }) => perSecond);
  if (batches === undefined || singles === undefined) return [];
  const figures = [{ name: 'ours', value: batches.value * KEYS.length }, singles];
  return [{ name: 'POST /cache/batch/get of 100 keys', unit: 'keys/s', figures, goal: '≥ 15 ×' }];
};

/** What the rate limiter costs. The limit is out of reach, because a refused request would be cheaper. */
export const limitedThroughput = async (redisUrl: string, rounds: number): Promise<Row[]> => {
  const database = emptyDatabase(redisUrl);
  await seedHistory(database, 1);
  const limited = ours('is-bitcoin-lit', database, { RATE_LIMIT_PER_MINUTE: '1000000' });
  const series = await race(
    [
      { name: 'ours', spec: limited, request: readHour },
      { name: 'without a limit', spec: ours('is-bitcoin-lit', database), request: readHour },
    ],
    rounds,
  );
  return loadRows('GET /is-bitcoin-lit/history, limited', '≤ 1.15 ×', series).slice(0, 2);
};

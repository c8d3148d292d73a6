import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'redis';
import * as z from 'zod';
import { serveHttp } from '../local/free-port.ts';
import { sentiCryptRows } from '../local/made-up-feed.ts';
import { type Running, startServer } from './machine.ts';
import { median, type Row } from './report.ts';
import { ours, type Where } from './servers.ts';
import { send } from './throughput.ts';

/** As many rows as the real feed has. */
const ROWS = 2_474;
const DAY_MS = 86_400_000;
/** An instance answers from its memory for a second. */
const MEMORY_MS = 1_050;
/** One is over in milliseconds, so that a single one says little. */
const MISSES = 3;

const madeUp = (days: number): string => {
  const now = Date.now();
  const each = (_: unknown, at: number) => sentiCryptRows(now - (days - 1 - at) * DAY_MS).slice(-ROWS);
  return JSON.stringify(Array.from({ length: days }, each).flat());
};

const startFeed = (text: string) =>
  serveHttp((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  });

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return performance.now() - from;
};

const connect = async (url: string) => {
  const client = createClient({ url });
  client.on('error', () => {});
  await client.connect();
  return client;
};

const refreshOnce = { method: 'POST', path: '/refresh' } as const;

/**
 * A refresh, the first and again, beside one pipeline that writes the same rows; and what the rows weigh.
 * @param answer a stored answer of SentiCrypt; made-up rows without one
 */
export const refreshTime = async (where: Where, rounds: number, answer = madeUp(1)): Promise<Row[]> => {
  const url = `redis://127.0.0.1:${where.redisPort}/7`;
  const feed = await startFeed(answer);
  const rowCount = z.array(z.unknown()).parse(JSON.parse(answer)).length;
  const spec = ours('refresh', where);
  const env = { ...spec.env, REDIS_URL: url, SENTICRYPT_URL: feed.url };
  const us = await startServer({ ...spec, env });
  const bare = await startServer({
    args: ['scripts/bench/baselines/bare-write.js'],
    env: { REDIS_URL: url, FEED_URL: feed.url },
  });
  const client = await connect(url);
  const times: { bare: number[]; first: number[]; again: number[] } = { bare: [], first: [], again: [] };
  for (let round = 0; round <= rounds; round += 1) {
    await client.flushDb();
    const written = await timed(() => send(bare.url, refreshOnce));
    await client.flushDb();
    const first = await timed(() => send(us.url, refreshOnce));
    const again = await timed(() => send(us.url, refreshOnce));
    // The first round warms both up.
    if (round === 0) continue;
    times.bare.push(written);
    times.first.push(first);
    times.again.push(again);
  }
  const hours = (await client.keys('*')).filter((key) => /:\d+$/.test(key));
  const sizes = await Promise.all(hours.map((key) => client.memoryUsage(key)));
  const bytes = sizes.reduce<number>((sum, size) => sum + Number(size ?? 0), 0) / rowCount;
  client.destroy();
  await us.stop();
  await bare.stop();
  await feed.stop();
  const row = (name: string, values: readonly number[], goal: string): Row => ({
    name: `Refresh of ${rowCount.toLocaleString('en')} rows, ${name}`,
    ours: median(values),
    unit: 'ms',
    beside: [{ name: 'one bare pipeline', value: median(times.bare), ratio: median(values) / median(times.bare) }],
    goal,
  });
  return [
    row('the first time', times.first, '≤ 3 ×'),
    row('again', times.again, '≤ 1.5 ×'),
    { name: 'Redis memory of one row', ours: bytes, unit: 'bytes', beside: [], goal: '≤ 26' },
  ];
};

/** A logical database with so many days of samples, and the function that sums them up. */
export const withHistory = async (where: Where, days: number, database: number) => {
  const url = `redis://127.0.0.1:${where.redisPort}/${database}`;
  const feed = await startFeed(madeUp(days));
  const env = { REDIS_URL: url, SENTICRYPT_URL: feed.url, RATE_LIMIT_PER_MINUTE: '0' };
  const refresh = await startServer({ ...ours('refresh', where), env });
  await send(refresh.url, refreshOnce);
  await refresh.stop();
  await feed.stop();
  const client = await connect(url);
  return { spec: { ...ours('is-bitcoin-lit', where), env }, client, stop: async () => client.destroy() };
};

const missTime = async (server: Running, client: Awaited<ReturnType<typeof connect>>): Promise<number> => {
  const keys = (await client.keys('*')).filter((key) => key.endsWith(':kept-summary'));
  await client.del(keys);
  // After a pause all is asleep, which is not what is measured.
  for (let times = 0; times < 20; times += 1) await (await send(server.url, { method: 'GET', path: '/ready' })).text();
  return timed(async () => {
    const response = await send(server.url, { method: 'GET', path: '/is-bitcoin-lit' });
    if (!response.headers.get('cache-status')?.includes('fwd=miss')) throw new Error('the summary was not missed');
    await response.text();
  });
};

/** A summary that no cache holds, with seven days of history beside one day. */
export const summaryTime = async (where: Where, rounds: number): Promise<Row[]> => {
  const day = await withHistory(where, 1, 5);
  const week = await withHistory(where, 7, 6);
  const dayServer = await startServer(day.spec);
  const weekServer = await startServer(week.spec);
  const times: { day: number[]; week: number[] } = { day: [], week: [] };
  for (let round = 0; round <= rounds * MISSES; round += 1) {
    await pause(MEMORY_MS);
    const early = round % 2 === 0 ? await missTime(dayServer, day.client) : undefined;
    const ofWeek = await missTime(weekServer, week.client);
    const ofDay = early ?? (await missTime(dayServer, day.client));
    if (round === 0) continue;
    times.day.push(ofDay);
    times.week.push(ofWeek);
  }
  for (const { stop } of [day, week, dayServer, weekServer]) await stop();
  const beside = [{ name: '1 day', value: median(times.day), ratio: median(times.week) / median(times.day) }];
  return [
    { name: 'Summary on a miss, 7 days of history', ours: median(times.week), unit: 'ms', beside, goal: '≤ 1.1 ×' },
  ];
};

import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'redis';
import * as z from 'zod';
import { serveHttp } from '../local/free-port.ts';
import { sentiCryptRows, startMadeUpFeed } from '../local/made-up-feed.ts';
import { type RequestSpec, send } from './http-load.ts';
import { emptyDatabase, type RunningServer, startServer } from './machine.ts';
import { medians, takeTurns } from './race.ts';
import type { Row } from './report.ts';
import { baseline, ours } from './servers.ts';

/** As many rows as the real feed has. */
const ROWS = 2_474;
const DAY_MS = 86_400_000;
/** An instance keeps a summary in memory for a second. */
const MEMORY_MS = 1_050;
/** A single miss takes only milliseconds, so each round has several. */
const MISSES = 3;

const refresh: RequestSpec = { method: 'POST', path: '/refresh' };

export const connect = async (url: string) => {
  const client = createClient({ url });
  client.on('error', () => {});
  return client.connect();
};

/** Stores that many days of samples, and their summary. */
export const seedHistory = async (redisUrl: string, days: number): Promise<void> => {
  const end = Date.now();
  let now = end - (days - 1) * DAY_MS;
  const feed = await startMadeUpFeed(() => now);
  const server = await startServer(ours('refresh', redisUrl, { SENTICRYPT_URL: feed.senticryptUrl }));
  for (; now <= end; now += DAY_MS) await send(server.url, refresh);
  await server.stop();
  await feed.stop();
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return performance.now() - from;
};

/**
 * The time of a first and of a repeated refresh, compared with one pipeline that writes the same rows; and the memory of a row.
 * @param answer a stored answer of SentiCrypt, instead of a made-up one
 */
export const refreshTime = async (redisUrl: string, rounds: number, answer?: string): Promise<Row[]> => {
  const database = emptyDatabase(redisUrl);
  const text = answer ?? JSON.stringify(sentiCryptRows(Date.now()).slice(-ROWS));
  const rowCount = z.array(z.unknown()).parse(JSON.parse(text)).length;
  const feed = await serveHttp((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  });
  const server = await startServer(ours('refresh', database, { SENTICRYPT_URL: feed.url }));
  const bare = await startServer(baseline('bare-write', database, { FEED_URL: feed.url }));
  const client = await connect(database);
  const timeOf = ({ url }: RunningServer) => timed(() => send(url, refresh));
  const series = await takeTurns(rounds, [
    { name: 'one bare pipeline', measure: () => client.flushDb().then(() => timeOf(bare)) },
    { name: 'the first time', measure: () => client.flushDb().then(() => timeOf(server)) },
    { name: 'again', measure: () => timeOf(server) },
  ]);
  const [pipeline, ...refreshes] = medians(series, Number);
  const hours = (await client.keys('*')).filter((key) => /:\d+$/.test(key));
  const sizes = await Promise.all(hours.map((key) => client.memoryUsage(key)));
  const bytes = sizes.reduce<number>((sum, size) => sum + Number(size ?? 0), 0) / rowCount;
  client.destroy();
  for (const { stop } of [server, bare, feed]) await stop();
  const goals = ['≤ 3 ×', '≤ 1.5 ×'];
  return [
    ...refreshes.map((figure, at) => ({
      name: `Refresh of ${rowCount.toLocaleString('en')} rows, ${figure.name}`,
      unit: 'ms',
      figures: pipeline ? [figure, pipeline] : [figure],
      goal: goals[at] ?? '',
    })),
    { name: 'Redis memory of one row', unit: 'bytes', figures: [{ name: 'ours', value: bytes }], goal: '≤ 26' },
  ];
};

/** The time of an answer that no cache has, with that many days of samples stored. */
const startMisses = async (redisUrl: string, days: number, path: string) => {
  const database = emptyDatabase(redisUrl);
  await seedHistory(database, days);
  const client = await connect(database);
  const server = await startServer(ours('is-bitcoin-lit', database));
  return {
    measure: async (): Promise<number> => {
      await pause(MEMORY_MS);
      await client.del((await client.keys('*')).filter((key) => /^kept:|:kept-summary$/.test(key)));
      // Wakes the processor and the connections up again after the pause.
      for (let times = 0; times < 20; times += 1) {
        await (await send(server.url, { method: 'GET', path: '/ready' })).text();
      }
      return timed(async () => {
        const response = await send(server.url, { method: 'GET', path });
        if (!response.headers.get('cache-status')?.includes('fwd=miss')) throw new Error(`${path} was cached.`);
        await response.text();
      });
    },
    stop: async () => {
      client.destroy();
      await server.stop();
    },
  };
};

const MISSED = [
  { name: 'Summary', path: '/is-bitcoin-lit' },
  { name: 'History of 24 hours', path: '/is-bitcoin-lit/history?hours=24' },
];

/** The time of answers that no cache has, with seven days of samples stored and with one. */
export const missTime = async (redisUrl: string, rounds: number): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const { name, path } of MISSED) {
    const week = await startMisses(redisUrl, 7, path);
    const day = await startMisses(redisUrl, 1, path);
    const series = await takeTurns(rounds * MISSES, [
      { name: 'ours', measure: week.measure },
      { name: '1 day', measure: day.measure },
    ]);
    await week.stop();
    await day.stop();
    const figures = medians(series, Number);
    rows.push({ name: `${name} on a miss, 7 days stored`, unit: 'ms', figures, goal: '≤ 1.1 ×' });
  }
  return rows;
};

import { replyReader } from '../testing/resp.ts';
import { startProxy } from '../testing/tcp-proxy.ts';
import { seedHistory } from './history-bench.ts';
import { type RequestSpec, send } from './http-load.ts';
import { emptyDatabase, startServer } from './machine.ts';
import type { Row } from './report.ts';
import { readHour, readUser, seedFor, writeUser } from './scenarios.ts';
import { ours } from './servers.ts';

/** The commands and round trips of one request, read off the wire. */
export const traceRequest = async (
  target: string,
  request: RequestSpec,
  redisUrl: string,
  env: Record<string, string> = {},
) => {
  const commands: string[][] = [];
  const tap = () =>
    replyReader((command) => {
      if (Array.isArray(command)) commands.push(command.map(String));
    });
  const proxy = await startProxy(redisUrl, { tap });
  const server = await startServer(ours(target, proxy.url, env));
  // The first requests also set up the connection and load the script.
  for (let at = 0; at < 3; at += 1) await send(server.url, request);
  commands.length = 0;
  const before = proxy.trips();
  await send(server.url, request);
  const trips = proxy.trips() - before;
  await server.stop();
  await proxy.stop();
  return { commands, trips };
};

export const roundTrips = async (redisUrl: string): Promise<Row[]> => {
  const row = async (name: string, goal: number, trace: ReturnType<typeof traceRequest>): Promise<Row> => {
    const { commands, trips } = await trace;
    const names = commands.map(([command]) => command).join(' + ');
    const figures = [{ name: 'ours', value: trips }];
    return { name: `Redis round trips of ${name} (${names})`, unit: '', figures, goal: String(goal) };
  };
  await seedFor(readUser, redisUrl);
  const samples = emptyDatabase(redisUrl);
  await seedHistory(samples, 1);
  const limit = { RATE_LIMIT_PER_MINUTE: '1000000' };
  return [
    await row('a read', 1, traceRequest('user-read', readUser.request, redisUrl)),
    await row('a write', 1, traceRequest('user-write', writeUser.request, redisUrl)),
    // The limiter's command travels together with the first of the two reads.
    await row('a limited history', 2, traceRequest('is-bitcoin-lit', readHour, samples, limit)),
  ];
};

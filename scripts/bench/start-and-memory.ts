import { flood } from './http-load.ts';
import { type ServerSpec, startServer } from './machine.ts';
import { medians, takeTurns } from './race.ts';
import type { Figure, Row } from './report.ts';
import { readUser, seedFor } from './scenarios.ts';
import { hello, naive, ours } from './servers.ts';

const REQUESTS = 100_000;
const MIB = 1_048_576;
const readyPath = readUser.request.path;

/** From the spawn to the first good answer. Ours and the naive function read it from Redis; hello reads nothing. */
export const coldStart = async (redisUrl: string, starts: number): Promise<Row[]> => {
  await seedFor(readUser, redisUrl);
  const start = (spec: ServerSpec) => async () => {
    const server = await startServer(spec);
    await server.stop();
    return server.readyMs;
  };
  const series = await takeTurns(starts, [
    { name: 'ours', measure: start({ ...ours('user-read', redisUrl), readyPath }) },
    { name: 'hello without Redis', measure: start(hello) },
    { name: 'naive', measure: start({ ...naive('user-read', redisUrl), readyPath }) },
  ]);
  const name = 'Cold start to the first answer from Redis';
  return [{ name, unit: 'ms', figures: medians(series, Number), goal: '≤ 1.00 × hello' }];
};

/** Resident memory after 100,000 requests, and at most one second's worth more. */
export const memory = async (redisUrl: string): Promise<Row[]> => {
  await seedFor(readUser, redisUrl);
  const afterLoad = async (name: string, spec: ServerSpec, path: string): Promise<Figure> => {
    const server = await startServer(spec);
    try {
      for (let sent = 0; sent < REQUESTS; ) sent += (await flood(server, { method: 'GET', path }, 1)).requests;
      return { name, value: server.residentBytes() / MIB };
    } finally {
      await server.stop();
    }
  };
  const figures = [
    await afterLoad('ours', ours('user-read', redisUrl), readyPath),
    await afterLoad('hello', hello, '/'),
    await afterLoad('naive', naive('user-read', redisUrl), readyPath),
  ];
  return [{ name: 'Resident memory after 100,000 requests', unit: 'MiB', figures, goal: '≤ 1.25 × hello' }];
};

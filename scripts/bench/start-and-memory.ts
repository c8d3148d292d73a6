import { type Ask, flood } from './http-load.ts';
import { type ServerSpec, startServer } from './machine.ts';
import { median, type Row } from './report.ts';
import { readUser } from './scenarios.ts';
import { hello, naive, ours, type Where } from './servers.ts';
import { seedFor } from './throughput.ts';

const REQUESTS = 100_000;
const MIB = 1_048_576;

const besides = (own: number, others: Readonly<Record<string, number>>) =>
  Object.entries(others).map(([name, value]) => ({ name, value, ratio: own / value }));

/** From the spawn to the first good answer, in turn; ours and the naive one answer from Redis, hello from nothing. */
export const coldStart = async (where: Where, spawns: number): Promise<Row[]> => {
  await seedFor(readUser, where);
  const { path } = readUser.ask;
  const specs = [{ ...ours('user-read', where), ready: path }, hello(), { ...naive('user-read', where), ready: path }];
  const times: number[][] = specs.map(() => []);
  for (let spawn = 0; spawn < spawns; spawn += 1) {
    for (const [at, spec] of specs.entries()) {
      const server = await startServer(spec);
      await server.stop();
      times[at]?.push(server.readyMs);
    }
  }
  const [us = 0, stock = 0, other = 0] = times.map(median);
  const beside = besides(us, { 'hello without Redis': stock, naive: other });
  return [{ name: 'Cold start to the first answer from Redis', ours: us, unit: 'ms', beside, goal: '≤ 1.00 × hello' }];
};

const residentAfterLoad = async (spec: ServerSpec, ask: Ask): Promise<number> => {
  const server = await startServer(spec);
  try {
    for (let sent = 0; sent < REQUESTS; ) sent += (await flood(server, ask, 1)).requests;
    return server.residentBytes() / MIB;
  } finally {
    await server.stop();
  }
};

/** Resident memory once 100,000 requests (a second's worth more at most) have been answered. */
export const memory = async (where: Where): Promise<Row[]> => {
  await seedFor(readUser, where);
  const us = await residentAfterLoad(ours('user-read', where), readUser.ask);
  const stock = await residentAfterLoad(hello(), { method: 'GET', path: '/' });
  const other = await residentAfterLoad(naive('user-read', where), readUser.ask);
  const beside = besides(us, { hello: stock, naive: other });
  return [{ name: 'Resident memory after 100,000 requests', ours: us, unit: 'MiB', beside, goal: '≤ 1.25 × hello' }];
};

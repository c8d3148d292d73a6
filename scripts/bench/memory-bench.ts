import { type Ask, flood } from './http-load.ts';
import { type ServerSpec, startServer } from './machine.ts';
import type { Row } from './report.ts';
import { readUser } from './scenarios.ts';
import { hello, naive, ours, type Where } from './servers.ts';
import { seedFor } from './throughput.ts';

const REQUESTS = 100_000;
const MIB = 1_048_576;

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
  const beside = [
    { name: 'hello', value: stock, ratio: us / stock },
    { name: 'naive', value: other, ratio: us / other },
  ];
  return [{ name: 'Resident memory after 100,000 requests', ours: us, unit: 'MiB', beside, goal: '≤ 1.25 × hello' }];
};

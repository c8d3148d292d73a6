import { watchWire } from './count-trips.ts';
import { startServer } from './machine.ts';
import type { Row } from './report.ts';
import { readUser, writeUser } from './scenarios.ts';
import { ours, type Where } from './servers.ts';
import { type Scenario, seedFor, send } from './throughput.ts';

const count = async (name: string, { target, ask }: Scenario, where: Where, limit: number): Promise<Row> => {
  const wire = await watchWire(where.redisPort);
  const server = await startServer(ours(target, { redisPort: wire.port, limit }));
  // What a connection or a script needs once is not a cost of each request.
  for (let at = 0; at < 3; at += 1) await send(server.url, ask);
  const { commands, trips } = await wire.during(() => send(server.url, ask));
  await server.stop();
  wire.stop();
  const note = commands.map(([command]) => command).join(' + ');
  return { name: `Redis round trips of ${name}`, ours: trips, unit: '', beside: [], goal: '1', note };
};

/** Round trips and commands of one request, counted on the wire. */
export const roundTrips = async (where: Where): Promise<Row[]> => {
  await seedFor(readUser, where);
  return [
    await count('a read', readUser, where, 0),
    await count('a write', writeUser, where, 0),
    await count('a limited read', readUser, where, 1_000_000),
  ];
};

import { watchWire } from './count-trips.ts';
import { withHistory } from './history-bench.ts';
import { startServer } from './machine.ts';
import type { Row } from './report.ts';
import { readHour, readUser, writeUser } from './scenarios.ts';
import { ours, type Where } from './servers.ts';
import { type Scenario, seedFor, send } from './throughput.ts';

/** A logical database for the samples, away from the users. */
const SAMPLES = 9;

/** @param limit RATE_LIMIT_PER_MINUTE; 0 is off */
const count = async (
  name: string,
  { target, ask }: Scenario,
  where: Where,
  { limit = 0, database = 0, expected = 1 } = {},
): Promise<Row> => {
  const wire = await watchWire(where.redisPort);
  const spec = ours(target, { redisPort: wire.port, limit });
  const url = `redis://127.0.0.1:${wire.port}/${database}`;
  const server = await startServer({ ...spec, env: { ...spec.env, REDIS_URL: url } });
  // What a connection or a script needs once is not a cost of each request.
  for (let at = 0; at < 3; at += 1) await send(server.url, ask);
  const { commands, trips } = await wire.during(() => send(server.url, ask));
  await server.stop();
  await wire.stop();
  const note = commands.map(([command]) => command).join(' + ');
  const goal = String(expected);
  return { name: `Redis round trips of ${name}`, ours: trips, unit: '', beside: [], goal, note };
};

/** Round trips and commands of one request, counted on the wire. */
export const roundTrips = async (where: Where): Promise<Row[]> => {
  await seedFor(readUser, where);
  const samples = await withHistory(where, 1, SAMPLES);
  await samples.stop();
  return [
    await count('a read', readUser, where),
    await count('a write', writeUser, where),
    // The limit travels with the first of the two reads.
    await count('a limited history', readHour, where, { limit: 1_000_000, database: SAMPLES, expected: 2 }),
  ];
};

import { startServer } from './machine.ts';
import { median, type Row } from './report.ts';
import { readUser } from './scenarios.ts';
import { hello, naive, ours, type Where } from './servers.ts';
import { seedFor } from './throughput.ts';

/** From the spawn to the first good answer, in turn; ours and the naive one answer from Redis, hello from nothing. */
export const coldStart = async (where: Where, spawns: number): Promise<Row[]> => {
  await seedFor(readUser, where);
  const { path } = readUser.ask;
  const specs = {
    ours: { ...ours('user-read', where), ready: path },
    'hello without Redis': hello(),
    naive: { ...naive('user-read', where), ready: path },
  };
  const times: Record<string, number[]> = {};
  for (let at = 0; at < spawns; at += 1) {
    for (const [name, spec] of Object.entries(specs)) {
      const server = await startServer(spec);
      await server.stop();
      times[name] = [...(times[name] ?? []), server.readyMs];
    }
  }
  const { ours: us = [], ...others } = times;
  const beside = Object.entries(others).map(([name, values]) => ({
    name,
    value: median(values),
    ratio: median(us) / median(values),
  }));
  return [
    { name: 'Cold start to the first answer from Redis', ours: median(us), unit: 'ms', beside, goal: '≤ 1.00 × hello' },
  ];
};

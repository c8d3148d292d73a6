import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { growth } from './bench/growth.ts';
import { refreshTime, summaryTime } from './bench/history-bench.ts';
import { listeners } from './bench/listeners-bench.ts';
import { startPinnedRedis, stepAside } from './bench/machine.ts';
import { JSON_FILE, type Row, table, writeJson, writeReadme } from './bench/report.ts';
import { roundTrips } from './bench/round-trips.ts';
import { scenarios } from './bench/scenarios.ts';
import { batchThroughput, limitedThroughput, summaryThroughput } from './bench/special-throughput.ts';
import { coldStart, memory } from './bench/start-and-memory.ts';
import { throughput } from './bench/throughput.ts';
import { readOptions } from './local/read-arguments.ts';

const USAGE = `npm run bench -- [options]
  measures every figure beside its baselines, in the same run and in turn
  --only=TEXT    those whose name holds the text; leaves the README alone
  --rounds=N     how often each is measured
  --feed=FILE    a stored answer of SentiCrypt to refresh from, instead of made-up rows`;

const values = readOptions(USAGE, {
  only: z.string().default(''),
  rounds: z.coerce.number<string>().int().min(1).optional(),
  feed: z.string().optional(),
});
const answer = values.feed === undefined ? undefined : readFileSync(values.feed, 'utf8');
const { rounds = 7, rounds: spawns = 20 } = values;

stepAside();
spawnSync(process.execPath, ['scripts/build.ts'], { stdio: 'inherit' });
const redis = await startPinnedRedis();
const where = { redisPort: redis.port };

const measurements: readonly { name: string; run: () => Promise<Row[]> }[] = [
  ...scenarios.map((scenario) => ({ name: scenario.name, run: () => throughput(scenario, where, rounds) })),
  { name: 'GET /is-bitcoin-lit', run: () => summaryThroughput(where, rounds) },
  { name: 'POST /cache/batch/get', run: () => batchThroughput(where, rounds) },
  { name: 'default limit', run: () => limitedThroughput(where, rounds) },
  { name: 'refresh', run: () => refreshTime(where, rounds, answer) },
  { name: 'summary', run: () => summaryTime(where, rounds) },
  { name: 'event streams', run: () => listeners(where) },
  { name: 'round trips', run: () => roundTrips(where) },
  { name: 'cold start', run: () => coldStart(where, spawns) },
  { name: 'memory', run: () => memory(where) },
  { name: 'growth', run: () => growth(where, Math.min(rounds, 3)) },
];

const rows: Row[] = [];
try {
  for (const { name, run } of measurements) {
    if (!name.toLowerCase().includes(values.only.toLowerCase())) continue;
    console.error(`measuring ${name} …`);
    try {
      rows.push(...(await run()));
    } catch (error) {
      // The other figures are worth keeping; the README waits for a whole run.
      console.error(error);
      process.exitCode = 1;
    }
  }
} finally {
  await redis.stop();
}
console.log(table(rows));
writeJson(rows);
if (values.only === '' && process.exitCode !== 1) writeReadme(rows);
console.error(`also in ${JSON_FILE}`);
// Node 24.21 sometimes goes round in its own clean-up for ever after a run as long as this one.
process.exit();

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { growth } from './bench/growth.ts';
import { missTime, refreshTime } from './bench/history-bench.ts';
import { listeners } from './bench/listeners-bench.ts';
import { pinThisProcess, startPinnedRedis } from './bench/machine.ts';
import { JSON_FILE, type Row, table, writeJson, writeReadme } from './bench/report.ts';
import { roundTrips } from './bench/round-trips.ts';
import { scenarios } from './bench/scenarios.ts';
import { coldStart, memory } from './bench/start-and-memory.ts';
import { batchThroughput, limitedThroughput, summaryThroughput, throughput } from './bench/throughput.ts';
import { readOptions } from './local/read-arguments.ts';

const USAGE = `npm run bench -- [options]
  measures each figure together with its baselines, in the same run
  --only=TEXT    only the measurements whose name contains TEXT; does not update the README
  --rounds=N     how often to measure each program: 15 times by default, and 20 cold starts
  --feed=FILE    refresh from a stored answer of SentiCrypt instead of made-up rows`;

const { only, rounds, feed } = readOptions(USAGE, {
  only: z.string().default(''),
  rounds: z.coerce.number<string>().int().min(1).optional(),
  feed: z.string().optional(),
});
const answer = feed === undefined ? undefined : readFileSync(feed, 'utf8');
const turns = rounds ?? 15;

pinThisProcess();
spawnSync(process.execPath, ['scripts/build.ts'], { stdio: 'inherit' });
const redis = await startPinnedRedis();
const { url } = redis;

const measurements: Readonly<Record<string, () => Promise<Row[]>>> = {
  ...Object.fromEntries(scenarios.map((scenario) => [scenario.name, () => throughput(scenario, url, turns)])),
  'GET /is-bitcoin-lit': () => summaryThroughput(url, turns),
  'POST /cache/batch/get': () => batchThroughput(url, turns),
  'default limit': () => limitedThroughput(url, turns),
  refresh: () => refreshTime(url, turns, answer),
  'history on a miss': () => missTime(url, turns),
  'event streams': () => listeners(url),
  'round trips': () => roundTrips(url),
  'cold start': () => coldStart(url, rounds ?? 20),
  memory: () => memory(url),
  growth: () => growth(redis, turns),
};

const rows: Row[] = [];
try {
  for (const [name, run] of Object.entries(measurements)) {
    if (!name.toLowerCase().includes(only.toLowerCase())) continue;
    console.error(`measuring ${name} …`);
    try {
      rows.push(...(await run()));
    } catch (error) {
      // Keep the other figures. The README is only updated by a complete run.
      console.error(error);
      process.exitCode = 1;
    }
  }
} finally {
  await redis.stop();
}
console.log(table(rows));
writeJson(rows);
if (only === '' && process.exitCode !== 1) writeReadme(rows);
console.error(`also in ${JSON_FILE}`);
// After a run as long as this one, Node 24.21 sometimes never finishes its own clean-up.
process.exit();

import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { fleetTable, type Row, startDrawing } from './fleet/fleet-report.ts';
import { type Plan, runCluster, runSingle } from './fleet/fleet-scenarios.ts';
import { readOptions } from './local/read-arguments.ts';

const USAGE = `npm run fleet -- [options]
  runs the clients of many instances against one Redis, causes faults, and shows how both cope
  --instances=1000        how many instances
  --processes=N           how many processes run them: one per core by default
  --rate=1                requests per second of each instance
  --only=single|cluster   only one kind of Redis`;

const whole = z.coerce.number().int().min(1).max(10_000);
const { only, ...options } = readOptions(USAGE, {
  instances: whole.default(1_000),
  processes: whole.default(availableParallelism()),
  rate: z.coerce.number<string>().positive().max(1_000).default(1),
  only: z.enum(['single', 'cluster']).optional(),
});

const rows: Row[] = [];
const { onTick, takePeak, stop } = startDrawing(options.instances);
const plan: Plan = {
  ...options,
  onTick,
  onOutcome: (outcome) => {
    rows.push({ ...outcome, peakDials: takePeak() });
    console.log(`— ${outcome.name}: done`);
  },
};
try {
  if (only !== 'cluster') await runSingle(plan);
  if (only !== 'single') await runCluster(plan);
} finally {
  stop();
  console.log(`\n${options.instances} instances, ${options.rate} requests a second each\n${fleetTable(rows)}`);
}

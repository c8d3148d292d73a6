import * as z from 'zod';
import { fleetTable, type Row, startDrawing } from './fleet/fleet-report.ts';
import { type Outcome, runCluster, runSingle } from './fleet/fleet-scenarios.ts';
import { readOptions } from './local/read-arguments.ts';

const USAGE = `npm run fleet -- [options]
  runs the clients of many instances against one Redis, breaks things, and shows what happens to both
  --instances=1000        how many
  --processes=4           in how many processes they run
  --rate=1                requests a second of each
  --only=single|cluster   one kind of Redis alone`;

const whole = z.coerce.number().int().min(1).max(10_000);
const { only, ...plan } = readOptions(USAGE, {
  instances: whole.default(1_000),
  processes: whole.default(4),
  rate: z.coerce.number<string>().positive().max(1_000).default(1),
  only: z.enum(['single', 'cluster']).optional(),
});

const rows: Row[] = [];
const drawing = startDrawing(plan.instances);
const done = (outcome: Outcome): void => {
  rows.push({ ...outcome, peakDials: drawing.takePeak() });
  console.log(`— ${outcome.name}: done`);
};
try {
  if (only !== 'cluster') await runSingle(plan, drawing.onTick, done);
  if (only !== 'single') await runCluster(plan, drawing.onTick, done);
} finally {
  drawing.stop();
  console.log(`\n${plan.instances} instances, ${plan.rate} requests a second each\n${fleetTable(rows)}`);
}

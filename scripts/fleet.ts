import * as z from 'zod';
import { fleetTable, type Row, startDrawing } from './fleet/fleet-report.ts';
import { type Outcome, runCluster, runSingle } from './fleet/fleet-scenarios.ts';
import { readArguments } from './local/read-arguments.ts';

const USAGE = `npm run fleet -- [options]
  runs the clients of many instances against one Redis, breaks things, and shows what happens to both
  --instances=1000        how many
  --processes=4           in how many processes they run
  --rate=1                requests a second of each
  --only=single|cluster   one kind of Redis alone`;

const { values } = readArguments(USAGE, {
  options: {
    instances: { type: 'string', default: '1000' },
    processes: { type: 'string', default: '4' },
    rate: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const whole = z.coerce.number().int().min(1).max(10_000);
const parsed = z
  .object({
    instances: whole,
    processes: whole,
    rate: z.coerce.number().positive(),
    only: z.enum(['single', 'cluster']).optional(),
  })
  .safeParse(values);
if (!parsed.success) {
  const [issue] = parsed.error.issues;
  console.error(`--${String(issue?.path[0])} cannot be used: ${issue?.message}`);
  process.exit(1);
}
const { only, ...plan } = parsed.data;

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

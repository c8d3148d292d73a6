import { parseArgs } from 'node:util';
import * as z from 'zod';
import { fleetTable, type Row, startDrawing } from './fleet/fleet-report.ts';
import { type Outcome, runCluster, runSingle } from './fleet/fleet-scenarios.ts';

/*
 * `npm run fleet -- --instances=1000`: as many clients as that many instances have, in a few processes, and what
 * happens to them and to Redis when something breaks. `--rate` is the requests a second of each, `--only` is single or
 * cluster.
 */

const { values } = parseArgs({
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

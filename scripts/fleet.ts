import { parseArgs } from 'node:util';
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
const plan = {
  instances: Number(values.instances),
  processes: Number(values.processes),
  rate: Number(values.rate),
};

const rows: Row[] = [];
const drawing = startDrawing(plan.instances);
const done = (outcome: Outcome): void => {
  rows.push({ ...outcome, peakDials: drawing.takePeak() });
  console.log(`— ${outcome.name}: done`);
};
try {
  if (values.only !== 'cluster') await runSingle(plan, drawing.onTick, done);
  if (values.only !== 'single') await runCluster(plan, drawing.onTick, done);
} finally {
  drawing.stop();
  console.log(`\n${plan.instances} instances, ${plan.rate} requests a second each\n${fleetTable(rows)}`);
}

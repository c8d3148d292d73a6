import { spawnSync } from 'node:child_process';
import * as z from 'zod';
import { expectedOutputs, infrastructure, outputs, release, run, type Step, toShell } from './deploy/plan.ts';
import { readOptions, runCommand } from './local/read-arguments.ts';

const USAGE = `npm run deploy -- --project=ID --region=REGION [--only=infra|functions] [--apply]
  prints every command of a deployment; --apply runs them. All other settings are in infra/terraform.tfvars.`;

const { only, apply, ...location } = readOptions(USAGE, {
  project: z.string('must be given'),
  region: z.string('must be given'),
  only: z.enum(['infra', 'functions']).optional(),
  apply: z.boolean().default(false),
});

const take = (step: Step): void => {
  console.log(`\n# ${step.what}\n${toShell(step.command)}`);
  if (apply) run(step);
};

const readOutputs = () => {
  const { stdout, status } = spawnSync('terraform', ['-chdir=infra', 'output', '-json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error('Terraform has no outputs yet. Run with --only=infra --apply first.');
  return outputs.parse(JSON.parse(stdout));
};

await runCommand(async () => {
  if (only !== 'functions') for (const step of infrastructure(location)) take(step);
  if (only !== 'infra') take(release(location, apply ? readOutputs() : expectedOutputs(location)));
  if (!apply) console.log('\nNothing was run. With --apply, the commands run with Terraform’s real outputs.');
});

import { spawnSync } from 'node:child_process';
import { expectedOutputs, infrastructure, outputs, release, type Step, toShell } from './deploy/plan.ts';
import { run } from './deploy/run-plan.ts';
import { messageOf } from './local/message-of.ts';
import { readArguments } from './local/read-arguments.ts';

const USAGE = `npm run deploy -- --project=ID --region=REGION [--only=infra|functions] [--apply]
  prints every command of a deployment; --apply runs them. Further choices stand in infra/terraform.tfvars.`;

const { values } = readArguments(USAGE, {
  options: {
    project: { type: 'string' },
    region: { type: 'string' },
    only: { type: 'string' },
    apply: { type: 'boolean', default: false },
  },
});

const print = ({ what, command }: Step): void => console.log(`\n# ${what}\n${toShell(command)}`);

const readOutputs = () => {
  const { stdout, status } = spawnSync('terraform', ['-chdir=infra', 'output', '-json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error('Terraform has no outputs yet: run --only=infra --apply first');
  return outputs.parse(JSON.parse(stdout));
};

try {
  const { project, region, only, apply } = values;
  if (project === undefined || region === undefined || (only !== undefined && only !== 'infra' && only !== 'functions'))
    throw new Error(USAGE);
  const place = { project, region };
  if (only !== 'functions') {
    for (const step of infrastructure(place)) {
      print(step);
      if (apply) run(step);
    }
  }
  if (only !== 'infra') {
    const step = release(place, apply ? readOutputs() : expectedOutputs(place));
    print(step);
    if (apply) run(step);
  }
  if (!apply) console.log('\nNothing was run. --apply runs it; what Terraform puts out is filled in then.');
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

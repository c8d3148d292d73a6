import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { expectedOutputs, infrastructure, outputs, release, type Step, toShell } from './deploy/plan.ts';

const USAGE = `npm run deploy -- --project=ID --region=REGION [--only=infra|functions] [--apply]
  prints every command of a deployment; --apply runs them. Further choices stand in infra/terraform.tfvars.`;

const { values } = parseArgs({
  options: {
    project: { type: 'string' },
    region: { type: 'string' },
    only: { type: 'string' },
    apply: { type: 'boolean', default: false },
  },
});

const print = ({ what, command }: Step): void => console.log(`\n# ${what}\n${toShell(command)}`);

const run = ({ command: [program, ...args], isDoneWhen }: Step): void => {
  const { status, stderr, error } = spawnSync(program, args, {
    stdio: ['inherit', 'inherit', 'pipe'],
    encoding: 'utf8',
  });
  process.stderr.write(stderr ?? '');
  if (error !== undefined) throw new Error(`${program} is not to be found: install it, and sign in`);
  if (status === 0 || (isDoneWhen !== undefined && stderr.includes(isDoneWhen))) return;
  throw new Error(`${program} failed with status ${status}; mend it and run the same command again`);
};

const readOutputs = () => {
  const { stdout, status } = spawnSync('terraform', ['-chdir=infra', 'output', '-json'], { encoding: 'utf8' });
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
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

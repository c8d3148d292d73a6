import { spawnSync } from 'node:child_process';
import * as z from 'zod';

/** One command of a deployment, and its purpose. */
export interface Step {
  readonly what: string;
  readonly command: readonly [string, ...string[]];
  /** A failure whose stderr contains this text means that the step was done before. */
  readonly isDoneWhen?: string;
}

const text = z.object({ value: z.string() });
/** The part of `terraform output -json` that a release needs. */
export const outputs = z.object({
  deployer: text,
  source_bucket: text,
  region: text,
  substitutions: z.object({ value: z.record(z.string(), z.string()) }),
});
type Outputs = z.infer<typeof outputs>;

interface Location {
  readonly project: string;
  readonly region: string;
}

const TERRAFORM = ['terraform', '-chdir=infra'] as const;
const BUCKETS = ['gcloud', 'storage', 'buckets'] as const;
const PRIVATE = ['--uniform-bucket-level-access', '--public-access-prevention'];

/** Terraform calls the first two before it can enable any API. The state bucket needs the third. */
const FIRST_APIS = ['cloudresourcemanager.googleapis.com', 'serviceusage.googleapis.com', 'storage.googleapis.com'];

/** Everything below the functions: needed once per project, and again when infra/ changes. */
export const infrastructure = ({ project, region }: Location): readonly Step[] => {
  const inProject = `--project=${project}`;
  const state = `${project}-terraform-state`;
  return [
    {
      what: 'enable the APIs that the next steps call; Terraform enables the others',
      command: ['gcloud', 'services', 'enable', ...FIRST_APIS, inProject],
    },
    {
      what: 'create a private bucket for Terraform’s state, which contains the AUTH string',
      command: [...BUCKETS, 'create', `gs://${state}`, inProject, `--location=${region}`, ...PRIVATE],
      isDoneWhen: 'HTTPError 409',
    },
    {
      what: 'turn on versioning for the bucket, so that a broken state can be restored',
      command: [...BUCKETS, 'update', `gs://${state}`, '--versioning', inProject],
    },
    {
      what: 'initialize Terraform',
      command: [...TERRAFORM, 'init', '-input=false', '-reconfigure', `-backend-config=bucket=${state}`],
    },
    {
      what: 'create network, connector, Redis, secrets, accounts, services, Scheduler job and alerts (about 15 minutes the first time); Terraform shows its plan and asks',
      command: [...TERRAFORM, 'apply', `-var=project_id=${project}`, `-var=region=${region}`],
    },
  ];
};

/** Submits cloudbuild.yaml: check, deploy all functions in parallel, test them, move the traffic. */
export const release = ({ project }: Location, { deployer, source_bucket, region, substitutions }: Outputs): Step => {
  // Values contain commas, semicolons and @, so another delimiter is declared in front. infra/variables.tf refuses
  // settings that contain it.
  const pairs = Object.entries(substitutions.value).map(([name, value]) => `${name}=${value}`);
  return {
    what: 'check, deploy and test every function in Cloud Build, then give them the traffic',
    command: [
      'gcloud',
      // The build logs to Cloud Logging only, and only beta streams those logs to the terminal.
      'beta',
      'builds',
      'submit',
      '.',
      '--config=cloudbuild.yaml',
      '--ignore-file=infra/build.gcloudignore',
      `--project=${project}`,
      `--region=${region.value}`,
      `--service-account=${deployer.value}`,
      `--gcs-source-staging-dir=${source_bucket.value}/builds`,
      `--substitutions=^|^${pairs.join('|')}`,
    ],
  };
};

/** Placeholders for Terraform's outputs, to print the plan before Terraform has run. */
export const expectedOutputs = ({ project, region }: Location): Outputs => ({
  deployer: {
    value: `projects/${project}/serviceAccounts/redis-functions-deployer@${project}.iam.gserviceaccount.com`,
  },
  source_bucket: { value: `gs://run-sources-${project}-${region}` },
  region: { value: region },
  substitutions: { value: { _REGION: region, _REDIS_HOST: 'terraform-output', _FEED: 'terraform-output' } },
});

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** The command, quoted for a shell. */
export const toShell = (command: readonly string[]): string =>
  command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word))).join(' ');

/** More than gcloud ever writes. A program that exceeds it is killed. */
const MAX_STDERR_BYTES = 64 * 1024 * 1024;

/**
 * Runs one step in this terminal. With `isDoneWhen`, stderr appears only after the step has ended.
 * @throws Error with one line for the user
 */
export const run = ({ command: [program, ...args], isDoneWhen }: Pick<Step, 'command' | 'isDoneWhen'>): void => {
  const { status, signal, stderr, error } = spawnSync(program, args, {
    stdio: ['inherit', 'inherit', isDoneWhen === undefined ? 'inherit' : 'pipe'],
    encoding: 'utf8',
    maxBuffer: MAX_STDERR_BYTES,
  });
  process.stderr.write(stderr ?? '');
  if (error !== undefined) {
    const isMissing = 'code' in error && error.code === 'ENOENT';
    const what = isMissing ? 'was not found: install it and sign in' : `could not be run: ${error.message}`;
    throw new Error(`${program} ${what}`);
  }
  if (status === 0 || (isDoneWhen !== undefined && stderr.includes(isDoneWhen))) return;
  throw new Error(`${program} failed with ${signal ?? `status ${status}`}; fix the cause and run this command again`);
};

import * as z from 'zod';

/** One command of a deployment, and its purpose. */
export interface Step {
  readonly what: string;
  readonly command: readonly [string, ...string[]];
  /** When the output of a failure has this text, there was nothing left to do. */
  readonly isDoneWhen?: string;
}

const text = z.object({ value: z.string() });
/** What `terraform output -json` prints, as far as the next step needs it. */
export const outputs = z.object({
  deployer: text,
  source_bucket: text,
  region: text,
  substitutions: z.object({ value: z.record(z.string(), z.string()) }),
});

export type Outputs = z.infer<typeof outputs>;

export interface Place {
  readonly project: string;
  readonly region: string;
}

const TERRAFORM = ['terraform', '-chdir=infra'] as const;
const BUCKETS = ['gcloud', 'storage', 'buckets'] as const;

export const stateBucketOf = ({ project }: Place): string => `${project}-terraform-state`;

/** Terraform asks these two about projects, before it can enable any API; the state bucket needs the third. */
const FIRST_APIS = ['cloudresourcemanager.googleapis.com', 'serviceusage.googleapis.com', 'storage.googleapis.com'];

/** Everything below the functions: once for a project, and again when infra/ changes. */
export const infrastructure = (place: Place): readonly Step[] => {
  const { project, region } = place;
  const bucket = `gs://${stateBucketOf(place)}`;
  return [
    {
      what: 'the APIs that the next steps call themselves: with them Terraform enables all others',
      command: ['gcloud', 'services', 'enable', ...FIRST_APIS, `--project=${project}`],
    },
    {
      what: 'a bucket for Terraform’s state, which holds the AUTH string: private, and with its past kept',
      command: [
        ...BUCKETS,
        'create',
        bucket,
        `--project=${project}`,
        `--location=${region}`,
        '--uniform-bucket-level-access',
        '--public-access-prevention',
      ],
      isDoneWhen: 'HTTPError 409',
    },
    {
      what: 'its versioning, so that a broken state can be restored',
      command: [...BUCKETS, 'update', bucket, '--versioning', `--project=${project}`],
    },
    {
      what: 'Terraform’s provider and the state',
      command: [...TERRAFORM, 'init', '-input=false', '-reconfigure', `-backend-config=bucket=${stateBucketOf(place)}`],
    },
    {
      what: 'network, connector, Redis, secrets, accounts, services, Scheduler, alerts (about 15 minutes the first time); it shows its plan and asks',
      command: [...TERRAFORM, 'apply', `-var=project_id=${project}`, `-var=region=${region}`],
    },
  ];
};

/** cloudbuild.yaml: check, deploy all functions side by side, try them, move the traffic. */
export const release = ({ project }: Place, { deployer, source_bucket, region, substitutions }: Outputs): Step => {
  // Values hold commas, semicolons and e-mail addresses; gcloud takes another delimiter in front,
  // which infra/variables.tf keeps out of the settings.
  const pairs = Object.entries(substitutions.value).map(([name, value]) => `${name}=${value}`);
  return {
    what: 'check, test, deploy and try every function in Cloud Build, then give it the traffic',
    // The build logs to Cloud Logging alone, and only beta shows that here.
    command: [
      'gcloud',
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

/** Stand-ins for Terraform's outputs, to show the plan before Terraform ran. */
export const expectedOutputs = ({ project, region }: Place): Outputs => ({
  deployer: {
    value: `projects/${project}/serviceAccounts/redis-functions-deployer@${project}.iam.gserviceaccount.com`,
  },
  source_bucket: { value: `gs://run-sources-${project}-${region}` },
  region: { value: region },
  substitutions: { value: { _REGION: region, _REDIS_HOST: 'terraform-output', _FEED: 'terraform-output' } },
});

/** A word that a shell takes as it stands, whatever is in it. */
const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** A command as it can be pasted into a shell. */
export const toShell = (command: readonly string[]): string =>
  command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word))).join(' ');

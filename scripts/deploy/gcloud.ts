import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import { compileCache } from '../build/compile-cache.ts';
import { serviceAccountOf } from '../generate/functions-json.ts';

/** Runs gcloud with these arguments. @returns what it printed @throws Error with its message when it fails */
export type Gcloud = (...args: readonly string[]) => Promise<string>;

const LARGEST_OUTPUT_BYTES = 64 * 1024 * 1024;

export const gcloud: Gcloud = async (...args) => {
  const { stdout } = await promisify(execFile)('gcloud', [...args, '--quiet'], { maxBuffer: LARGEST_OUTPUT_BYTES });
  return stdout;
};

/** The tag of a revision that was deployed and has no traffic yet. */
export const CANDIDATE = 'candidate';

/** Google's builder puts the project here, and Cloud Run starts it here. */
const ROOT = '/workspace';

/** The settings of every function, from the substitutions of cloudbuild.yaml; an empty one counts as not set. */
const SETTINGS = [
  ...Object.entries(compileCache(ROOT)).map(([name, value]) => `${name}=${value}`),
  'GOOGLE_CLOUD_PROJECT=$PROJECT_ID',
  'REDISHOST=$_REDIS_HOST',
  'REDISPORT=$_REDIS_PORT',
  'REDIS_TLS=$_REDIS_TLS',
  'REDIS_CLUSTER=$_REDIS_CLUSTER',
  'REDIS_IAM=$_REDIS_IAM',
  'REDIS_PASSWORD_SECRET=$_REDIS_PASSWORD_SECRET',
  'REDIS_CA_SECRET=$_REDIS_CA_SECRET',
  'FEED=$_FEED',
  'FUNCTION_URLS=$_FUNCTION_URLS',
  '$_SETTINGS',
];

/** gcloud's arguments that deploy one function beside what runs, with Cloud Build's substitutions in them. */
export const deployArguments = ({ name, deploy }: FunctionDefinition): readonly string[] => [
  'run',
  'deploy',
  name,
  '--source=.',
  `--function=${name}`,
  '--base-image=nodejs24',
  // gcloud turns updates of the base image off for a service that Terraform made.
  '--automatic-updates',
  '--no-traffic',
  `--tag=${CANDIDATE}`,
  '--project=$PROJECT_ID',
  '--region=$_REGION',
  '$_NETWORK',
  '--vpc-egress=private-ranges-only',
  `--service-account=${serviceAccountOf(name)}@$PROJECT_ID.iam.gserviceaccount.com`,
  '--build-service-account=projects/$PROJECT_ID/serviceAccounts/$_BUILDER',
  `--cpu=${deploy.cpu}`,
  `--memory=${deploy.memory_mib}Mi`,
  `--concurrency=${deploy.concurrency}`,
  `--min=${deploy.min_instances}`,
  `--max=${deploy.max_instances}`,
  `--timeout=${deploy.timeout_seconds}`,
  // Google refuses the second generation under 512 MiB; the first wakes faster.
  `--execution-environment=${deploy.memory_mib < 512 ? 'gen1' : 'gen2'}`,
  '--cpu-boost',
  '--cpu-throttling',
  '--startup-probe=$_STARTUP_PROBE',
  // It does not look at Redis: a failover must restart no instance.
  '--liveness-probe=httpGet.path=/health,httpGet.port=8080,periodSeconds=30',
  `--set-env-vars=^;^${SETTINGS.join(';')}`,
  // Terraform sets the same label. A different value here would make the two change it back and forth.
  '--labels=app=$_NAME',
  '--quiet',
];

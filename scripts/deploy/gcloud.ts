import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import { compileCache } from '../build/compile-cache.ts';
import { serviceAccountOf } from '../generate/function-lists.ts';

/** Runs gcloud. @returns its stdout @throws Error with its message when it fails */
export type Gcloud = (...args: readonly string[]) => Promise<string>;

export const gcloud: Gcloud = async (...args) => {
  const { stdout } = await promisify(execFile)('gcloud', [...args, '--quiet'], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
};

/** The tag of a revision that is deployed but has no traffic yet. */
export const CANDIDATE = 'candidate';

/** The settings of every function, from the substitutions of cloudbuild.yaml. An empty value counts as not set. */
const SETTINGS = [
  // Google's builder and Cloud Run have the project in /workspace.
  ...Object.entries(compileCache('/workspace')).map(([name, value]) => `${name}=${value}`),
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

/** The arguments that deploy a new revision of a function without traffic. Cloud Build fills in the substitutions. */
export const deployArguments = ({ name, deploy }: FunctionDefinition): readonly string[] => [
  'run',
  'deploy',
  name,
  '--source=.',
  `--function=${name}`,
  '--base-image=nodejs24',
  // Without this flag, gcloud turns base image updates off for a service that Terraform created.
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
  // Google refuses the second generation below 512 MiB. The first starts faster.
  `--execution-environment=${deploy.memory_mib < 512 ? 'gen1' : 'gen2'}`,
  '--cpu-boost',
  '--cpu-throttling',
  '--startup-probe=$_STARTUP_PROBE',
  // It does not check Redis: a failover must not restart instances.
  '--liveness-probe=httpGet.path=/health,httpGet.port=8080,periodSeconds=30',
  `--set-env-vars=^;^${SETTINGS.join(';')}`,
  // Terraform sets the same label. With a different value the two would overwrite each other.
  '--labels=app=$_NAME',
  '--quiet',
];

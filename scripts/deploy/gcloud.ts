import type { FunctionDefinition } from '../../shared/http/function.ts';
import { compileCache } from '../build/compile-cache.ts';
import { serviceAccountOf } from '../generate/functions-json.ts';

/** Where Google's builder puts the project, and Cloud Run finds it. */
const ROOT = '/workspace';

/** The settings of every function, from the substitutions of cloudbuild.yaml; an empty one counts as not set. */
const SETTINGS = [
  ...Object.entries(compileCache(ROOT)).map(([name, value]) => `${name}=${value}`),
  'GOOGLE_CLOUD_PROJECT=$PROJECT_ID',
  'REDISHOST=$_REDIS_HOST',
  'REDISPORT=$_REDIS_PORT',
  'REDIS_TLS=true',
  'REDIS_CLUSTER=$_REDIS_CLUSTER',
  'REDIS_PASSWORD_SECRET=$_REDIS_PASSWORD_SECRET',
  'REDIS_CA_SECRET=$_REDIS_CA_SECRET',
  'FEED=$_FEED',
  '$_SETTINGS',
];

/** The arguments of gcloud that deploy one function, with Cloud Build's substitutions in them. */
export const deployArguments = ({ name, access, deploy }: FunctionDefinition): readonly string[] => [
  'run',
  'deploy',
  name,
  '--source=.',
  `--function=${name}`,
  '--base-image=nodejs24',
  '--project=$PROJECT_ID',
  '--region=$_REGION',
  // Terraform grants the public ones to allUsers; the account that deploys cannot change who may call.
  ...(access === 'private' ? ['--no-allow-unauthenticated'] : []),
  '--ingress=all',
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
  // Neither probe looks at Redis: a failover must restart no instance and keep none from starting.
  '--startup-probe=httpGet.path=/health,httpGet.port=8080,periodSeconds=1,failureThreshold=30',
  '--liveness-probe=httpGet.path=/health,httpGet.port=8080,periodSeconds=30',
  `--set-env-vars=^;^${SETTINGS.join(';')}`,
  // Terraform labels the services too: with another value the two would change it in turn.
  '--labels=app=$_NAME',
  '--quiet',
];

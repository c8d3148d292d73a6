import { manifest } from '../../functions/manifest.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import { deployArguments } from '../deploy/gcloud.ts';

const NODE = 'node:24';
const GCLOUD = 'gcr.io/google.com/cloudsdktool/google-cloud-cli:slim';

const list = (items: readonly string[], indent: string): string => items.map((item) => `\n${indent}- ${item}`).join('');

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const deployStep = (definition: FunctionDefinition): string => `  - id: deploy-${definition.name}
    name: ${GCLOUD}
    waitFor: [audit, check]
    entrypoint: gcloud
    args:${list(deployArguments(definition).map(quote), '      ')}
`;

const render = (): string => `# Made by \`npm run generate\` from functions/manifest.ts: do not edit.
# Checks and tests the project, deploys every function beside the one that serves, tries them all, and only then gives
# them the traffic. A build that fails changes nothing that callers see. Terraform's trigger sets the substitutions, and
# so does \`npm run deploy\`.
steps:
  - id: install
    name: ${NODE}
    entrypoint: npm
    args: [ci, --no-audit, --no-fund]

  - id: audit
    name: ${NODE}
    waitFor: [install]
    entrypoint: npm
    args: [run, audit]

  - id: check
    name: ${NODE}
    waitFor: [install]
    entrypoint: npm
    args: [run, check]

${manifest.map(deployStep).join('\n')}
  # Tries the candidates at their own URLs, moves the traffic, tries again, and moves it back if that fails.
  - id: release
    name: ${GCLOUD}
    waitFor: [${manifest.map(({ name }) => `deploy-${name}`).join(', ')}]
    script: |
      #!/usr/bin/env bash
      # This image has gcloud and no Node; the install step left one.
      exec node_modules/.bin/node scripts/release.ts --project="$PROJECT_ID" --region="$_REGION" --steps="$_STEPS" --origin="$_ORIGIN"

substitutions:
  # The label \`app\` of every service
  _NAME: redis-functions
  _REGION: europe-west1
  # --vpc-connector=NAME, or --network=NAME for Direct VPC egress
  _NETWORK: --vpc-connector=redis-functions
  # The account that builds the functions
  _BUILDER: ''
  _REDIS_HOST: ''
  _REDIS_PORT: '6378'
  _REDIS_TLS: 'true'
  _REDIS_CLUSTER: 'false'
  # true: the password is an access token of the function's account
  _REDIS_IAM: 'false'
  # Names in Secret Manager: projects/PROJECT/secrets/NAME
  _REDIS_PASSWORD_SECRET: ''
  _REDIS_CA_SECRET: ''
  _FEED: senticrypt
  # Where each function is: NAME=URL,NAME=URL
  _FUNCTION_URLS: ''
  # More settings of the functions: NAME=VALUE;NAME=VALUE
  _SETTINGS: ''
  # Direct VPC egress connects some time after the start: its probe asks /startup, which waits for the network
  _STARTUP_PROBE: httpGet.path=/health,httpGet.port=8080,periodSeconds=1,failureThreshold=30
  # https://HOST of the load balancer that is the only way to the functions; empty without one
  _ORIGIN: ''
  # Percentages of the traffic that a release moves, with the smoke test after each: 10,50,100
  _STEPS: '100'

options:
  # An account of its own may only log here.
  logging: CLOUD_LOGGING_ONLY
  # Scripts get the substitutions as environment variables.
  automapSubstitutions: true

timeout: 3600s
`;

/** The whole way from a commit to deployed, tried functions. */
export const cloudBuild = { file: 'cloudbuild.yaml', render };

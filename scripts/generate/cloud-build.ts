import { manifest } from '../../functions/manifest.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import { deployArguments } from '../deploy/gcloud.ts';
import type { Generator } from './generator.ts';

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

const names = (access: FunctionDefinition['access']): string =>
  manifest
    .filter((definition) => definition.access === access)
    .map(({ name }) => name)
    .join(' ');

const render = (): string => `# Made by \`npm run generate\` from functions/manifest.ts: do not edit.
# Checks and tests the project, deploys every function side by side, and tries them. Terraform's trigger gives the
# substitutions, and so does \`npm run deploy\`.
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
    script: |
      #!/usr/bin/env bash
      set -euo pipefail
      # The tests run against a Redis of their own.
      apt-get update -qq
      apt-get install -qq --no-install-recommends redis-server > /dev/null
      npm run check

${manifest.map(deployStep).join('\n')}
  # Each private function is called with a token made for its own URL.
  - id: targets
    name: ${GCLOUD}
    waitFor: [${manifest.map(({ name }) => `deploy-${name}`).join(', ')}]
    script: |
      #!/usr/bin/env bash
      set -euo pipefail
      url() { gcloud run services describe "$1" --project="$PROJECT_ID" --region="$_REGION" --format='value(status.url)'; }
      {
        for name in ${names('public')}; do
          echo "$name $(url "$name")"
        done
        for name in ${names('private')}; do
          target=$(url "$name")
          echo "$name $target $(gcloud auth print-identity-token --audiences="$target")"
        done
      } > .smoke-targets

  - id: smoke
    name: ${NODE}
    waitFor: [targets]
    entrypoint: npm
    args: [run, smoke, --, --targets=.smoke-targets]

substitutions:
  # the label \`app\` of every service
  _NAME: redis-functions
  _REGION: europe-west1
  # --vpc-connector=NAME, or --network=NAME for Direct VPC egress
  _NETWORK: --vpc-connector=redis-functions
  # the account that builds the functions
  _BUILDER: ''
  _REDIS_HOST: ''
  _REDIS_PORT: '6378'
  _REDIS_CLUSTER: 'false'
  # projects/PROJECT/secrets/NAME
  _REDIS_PASSWORD_SECRET: ''
  _REDIS_CA_SECRET: ''
  _FEED: senticrypt
  # further settings of the functions: NAME=VALUE;NAME=VALUE
  _SETTINGS: ''

options:
  # An account of its own may only log here.
  logging: CLOUD_LOGGING_ONLY
  # Scripts get the substitutions as environment variables.
  automapSubstitutions: true

timeout: 3600s
`;

/** The whole way from a commit to deployed, tried functions. */
export const cloudBuild: Generator = { file: 'cloudbuild.yaml', render };

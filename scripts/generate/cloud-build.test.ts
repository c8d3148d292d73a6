import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';

const step = z.object({
  id: z.string(),
  waitFor: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  script: z.string().default(''),
});

const text = readFileSync('cloudbuild.yaml', 'utf8');
const build = z
  .object({
    steps: z.array(step),
    substitutions: z.record(z.string(), z.string()),
    options: z.object({ logging: z.string() }),
  })
  .parse(parse(text));

const functions = z
  .record(z.string(), z.object({ service_account: z.string() }))
  .parse(JSON.parse(readFileSync('infra/functions.json', 'utf8')));

const find = (id: string) => z.object(step.shape).parse(build.steps.find((it) => it.id === id));

describe('cloudbuild.yaml', () => {
  it('deploys every function of the manifest in its own parallel step, after the checks', () => {
    const deploys = build.steps.filter(({ id }) => id.startsWith('deploy-'));
    expect(deploys.map(({ id }) => id)).toEqual(Object.keys(functions).map((name) => `deploy-${name}`));
    for (const { args, waitFor } of deploys) {
      expect(args).toContain(`--function=${args[2]}`);
      expect(waitFor).toEqual(['audit', 'check']);
    }
  });

  it.each(Object.entries(functions))(
    'deploys %s with its service account, and does not change who may call it',
    (name, { service_account }) => {
      const { args } = find(`deploy-${name}`);
      expect(args).toContain(`--service-account=${service_account}@$PROJECT_ID.iam.gserviceaccount.com`);
      expect(args.filter((arg) => arg.includes('allow-unauthenticated'))).toEqual([]);
    },
  );

  it.each(Object.keys(functions))('deploys %s without traffic, so that it can be tested at its tag', (name) => {
    const { args } = find(`deploy-${name}`);
    expect(args).toEqual(expect.arrayContaining(['--no-traffic', '--tag=candidate', '--automatic-updates']));
  });

  it('routes only private addresses through the network, and probes only the process', () => {
    for (const name of Object.keys(functions)) {
      const { args } = find(`deploy-${name}`);
      expect(args).toEqual(expect.arrayContaining(['$_NETWORK', '--vpc-egress=private-ranges-only']));
      expect(args.find((arg) => arg.startsWith('--liveness-probe='))).toContain('httpGet.path=/health,');
      expect(args).toContain('--startup-probe=$_STARTUP_PROBE');
    }
    expect(build.substitutions._STARTUP_PROBE).toContain('httpGet.path=/health,');
  });

  it('passes the names of secrets, never their values', () => {
    const { args } = find('deploy-refresh');
    const settings = args.find((arg) => arg.startsWith('--set-env-vars=^;^'));
    expect(settings).toContain('REDIS_PASSWORD_SECRET=$_REDIS_PASSWORD_SECRET;');
    expect(settings).toContain('REDIS_CA_SECRET=$_REDIS_CA_SECRET;');
    expect(settings).toContain('FEED=$_FEED;');
    expect(text).not.toContain('REDISPASS');
  });

  it('shifts traffic only after every function is deployed', () => {
    const { id, waitFor, script } = find('release');
    expect(waitFor).toEqual(Object.keys(functions).map((name) => `deploy-${name}`));
    expect(build.steps.at(-1)?.id).toBe(id);
    expect(script).toContain('--steps="$_STEPS"');
  });

  it('declares exactly the substitutions that it uses and that Terraform sets', () => {
    const used = new Set([...text.matchAll(/\$(_[A-Z_]+)/g)].map(([, name]) => name));
    const given = [...readFileSync('infra/build.tf', 'utf8').matchAll(/^ {4}(_[A-Z_]+) +=/gm)].map(([, name]) => name);
    expect([...used].sort()).toEqual(Object.keys(build.substitutions).sort());
    expect(given.sort()).toEqual(Object.keys(build.substitutions).sort());
  });

  it('logs only to Cloud Logging, as a build with its own service account must', () => {
    expect(build.options.logging).toBe('CLOUD_LOGGING_ONLY');
  });
});

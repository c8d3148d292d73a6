import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectedOutputs, infrastructure, release, toShell } from './plan.ts';

const place = { project: 'demo-project', region: 'europe-west1' };

describe('the plan of a deployment', () => {
  it('lets Terraform ask before it changes anything', () => {
    for (const { command } of infrastructure(place)) expect(command).not.toContain('-auto-approve');
  });

  it('keeps the state where no one but its owners reads it, before anything is made', () => {
    const commands = infrastructure(place).map(({ command }) => command);
    const bucket = commands.findIndex((command) => command.includes('--public-access-prevention'));
    const terraform = commands.findIndex(([program]) => program === 'terraform');
    expect(bucket).toBeGreaterThan(0);
    expect(bucket).toBeLessThan(terraform);
  });

  it('enables the APIs that Terraform cannot enable before anything else, and Terraform keeps them enabled', () => {
    const [first] = infrastructure(place);
    const apis = first?.command.filter((word) => word.endsWith('.googleapis.com'));
    expect(first?.command.slice(0, 3)).toEqual(['gcloud', 'services', 'enable']);
    expect(apis).toEqual(
      expect.arrayContaining(['cloudresourcemanager.googleapis.com', 'serviceusage.googleapis.com']),
    );
    for (const api of apis ?? []) expect(readFileSync('infra/apis.tf', 'utf8')).toContain(`"${api}"`);
  });

  it('builds as the account that deploys, with what Terraform put out', () => {
    const { command } = release(place, {
      ...expectedOutputs(place),
      substitutions: {
        value: { _REDIS_HOST: '10.1.2.3', _SETTINGS: 'CORS_ORIGINS=https://a.example,https://b.example' },
      },
    });
    expect(command).toContain(
      '--service-account=projects/demo-project/serviceAccounts/redis-functions-deployer@demo-project.iam.gserviceaccount.com',
    );
    expect(command).toContain(
      '--substitutions=^|^_REDIS_HOST=10.1.2.3|_SETTINGS=CORS_ORIGINS=https://a.example,https://b.example',
    );
  });

  it('prints commands that a shell reads as they are run', () => {
    expect(toShell(['gcloud', '--a=b;c', "it's"])).toBe("gcloud '--a=b;c' 'it'\\''s'");
  });
});

import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { expectedOutputs, infrastructure, release, run, toShell } from './plan.ts';

const location = { project: 'demo-project', region: 'europe-west1' };

describe('the plan of a deployment', () => {
  it('makes Terraform ask before it changes anything', () => {
    for (const { command } of infrastructure(location)) expect(command).not.toContain('-auto-approve');
  });

  it('creates a private bucket for the state before it runs Terraform', () => {
    const commands = infrastructure(location).map(({ command }) => command);
    const bucket = commands.findIndex((command) => command.includes('--public-access-prevention'));
    const terraform = commands.findIndex(([program]) => program === 'terraform');
    expect(bucket).toBeGreaterThan(0);
    expect(bucket).toBeLessThan(terraform);
  });

  it('first enables the APIs that Terraform cannot enable itself, and Terraform keeps them enabled', () => {
    const [first] = infrastructure(location);
    const apis = first?.command.filter((word) => word.endsWith('.googleapis.com'));
    expect(first?.command.slice(0, 3)).toEqual(['gcloud', 'services', 'enable']);
    expect(apis).toEqual(
      expect.arrayContaining(['cloudresourcemanager.googleapis.com', 'serviceusage.googleapis.com']),
    );
    for (const api of apis ?? []) expect(readFileSync('infra/apis.tf', 'utf8')).toContain(`"${api}"`);
  });

  it('builds as the deployer account, with Terraform’s outputs', () => {
    const { command } = release(location, {
      ...expectedOutputs(location),
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

  it('quotes the printed commands for a shell', () => {
    expect(toShell(['gcloud', '--a=b;c', "it's"])).toBe("gcloud '--a=b;c' 'it'\\''s'");
  });
});

const node = (script: string): [string, ...string[]] => [process.execPath, '-e', script];

describe('a step of a deployment', () => {
  let shown = '';
  beforeEach(() => {
    shown = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      shown += text;
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const runTolerant = (script: string) => run({ command: node(script), isDoneWhen: 'HTTPError 409' });

  it('counts as done when it fails because it was done before, and shows its stderr', () => {
    runTolerant('console.error("HTTPError 409: it is there"); process.exitCode = 1');
    expect(shown).toBe('HTTPError 409: it is there\n');
  });

  it('fails with its exit status on any other error', () => {
    const script = 'console.error("HTTPError 403"); process.exitCode = 3';
    expect(() => runTolerant(script)).toThrow(/failed with status 3; fix the cause/);
  });

  it('may write megabytes to stderr', () => {
    runTolerant('process.stderr.write("x".repeat(3_000_000))');
    expect(shown).toHaveLength(3_000_000);
  });

  it('says that a program was not found only when it does not exist', () => {
    expect(() => run({ command: ['no-such-program'] })).toThrow(/^no-such-program was not found/);
    expect(() => run({ command: ['/'] })).toThrow(/^\/ could not be run: .*EACCES/);
  });

  it('names the signal that ended a program', () => {
    expect(() => run({ command: node('process.kill(process.pid, "SIGTERM")') })).toThrow(/failed with SIGTERM/);
  });
});

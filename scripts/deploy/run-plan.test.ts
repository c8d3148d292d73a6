import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from './run-plan.ts';

const node = (script: string): [string, ...string[]] => [process.execPath, '-e', script];
const saying = (script: string) => ({ command: node(script), isDoneWhen: 'HTTPError 409' });

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

describe('a step of a deployment', () => {
  it('counts as done when it fails because there was nothing left to do, and shows what was said', () => {
    run(saying('console.error("HTTPError 409: it is there"); process.exitCode = 1'));
    expect(shown).toBe('HTTPError 409: it is there\n');
  });

  it('fails with its status when it says anything else', () => {
    const step = saying('console.error("HTTPError 403"); process.exitCode = 3');
    expect(() => run(step)).toThrow(/failed with status 3; fix the cause/);
  });

  it('may say megabytes', () => {
    run(saying('process.stderr.write("x".repeat(3_000_000))'));
    expect(shown).toHaveLength(3_000_000);
  });

  it('says that a program was not found only when it is not there', () => {
    expect(() => run({ command: ['no-such-program'] })).toThrow(/^no-such-program was not found/);
    expect(() => run({ command: ['/'] })).toThrow(/^\/ could not be run: .*EACCES/);
  });

  it('names the signal that ended a program', () => {
    expect(() => run({ command: node('process.kill(process.pid, "SIGTERM")') })).toThrow(/failed with SIGTERM/);
  });
});

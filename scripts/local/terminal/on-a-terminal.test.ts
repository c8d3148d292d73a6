import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../free-port.ts';
import { isListening } from '../processes.ts';

/** The `script` of util-linux runs a command on a new terminal. */
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

describe.skipIf(!hasScript)('npm start on a terminal', { timeout: 60_000 }, () => {
  let port: number;
  let shown = '';
  let terminal: ReturnType<typeof spawn>;
  const shows = (text: string | RegExp) =>
    vi.waitFor(() => expect(stripVTControlCharacters(shown)).toMatch(text), { timeout: 30_000, interval: 50 });

  beforeAll(async () => {
    port = await freePort();
    const command = `'${process.execPath}' scripts/start.ts --port=${port} --no-schedule --no-console`;
    terminal = spawn('script', ['-qfec', command, '/dev/null'], {
      env: { ...process.env, REDIS_URL: '', ENV_FILE: '' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    terminal.stdout?.on('data', (chunk) => (shown += chunk));
    await shows('Press Ctrl-C to stop everything.');
  }, 60_000);
  afterAll(async () => {
    // When the terminal goes away, the command gets SIGHUP.
    terminal.kill('SIGKILL');
    await once(terminal, 'close');
    await vi.waitFor(async () => expect(await isListening(port)).toBe(false), 20_000);
  });

  it('prints one line for each request', async () => {
    await fetch(`http://localhost:${port}/users/1`);
    await shows(/^\d\d:\d\d:\d\d GET \/users\/1 200 \d+ ms user-read\r?$/m);
  });

  it('shows the detail of a problem below its request', async () => {
    await fetch(`http://localhost:${port}/users/99`);
    await shows(/GET \/users\/99 404 \d+ ms user-read\r?\n {2}There is no user 99\. /);
  });
});

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from './local/free-port.ts';
import { isListening } from './local/processes.ts';
import { startRedis } from './local/redis-server.ts';
import { copyProject } from './testing/project-copy.ts';
import { runStart, type Stack, startStack } from './testing/stack.ts';

const getJson = async (url: string): Promise<unknown> => (await fetch(url)).json();
const isGone = (port: number) => expect.poll(() => isListening(port)).toBe(false);

describe('npm start', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.end());

  it('says that its feed is made up', () => {
    expect(stack.output()).toMatch(/feed .*MADE UP.*no real prices/);
  });

  it('prints URLs that all work', async () => {
    const lines = stack.output().matchAll(/(http:\S+) {2}(?:.* )?GET/g);
    const pages = [...lines].map(([, url = '']) => url).filter((url) => !url.includes('{'));
    expect(pages.length).toBeGreaterThan(5);
    for (const url of [...pages, `${stack.url}/health`, `${stack.url}/ready`]) {
      const abort = new AbortController();
      const { status } = await fetch(url, { signal: abort.signal });
      abort.abort();
      expect([url, status]).toEqual([url, 200]);
    }
  });

  it('has refreshed before it reports that it is ready', async () => {
    const summary = await getJson(`${stack.url}/is-bitcoin-lit`);
    expect(summary).toMatchObject({ source: 'senticrypt', stale: false, hourly_average_of_averages: { length: 3 } });
    expect(stack.output()).toMatch(/refresh +2\d{3} rows received, 2\d{3} new/);
  });

  it('has the sample users', async () => {
    expect(await getJson(`${stack.url}/users`)).toMatchObject({ users: [{ id: 1 }, { id: 2 }, { id: 3 }] });
  });

  it('prints one line when the port is in use', async () => {
    const { status, output } = await runStart([`--port=${stack.port}`]);
    expect([status, output]).toEqual([1, expect.stringMatching(/^Port \d+ is already in use\. .*--port=8081\n$/)]);
  });

  it.each([
    ['RATE_LIMIT_PER_MINUTE', { RATE_LIMIT_PER_MINUTE: 'many' }, []],
    ['--target', {}, ['--target=nothing']],
    ['FEED', {}, ['--feed=reuters']],
    ['REDISHOST', { REDIS_URL: 'redis://127.0.0.1', REDISHOST: 'redis' }, []],
  ])('prints one line that names the invalid %s', async (name, env, args) => {
    const { status, output } = await runStart([`--port=${await freePort()}`, ...args], env);
    expect([status, output]).toEqual([1, expect.stringMatching(new RegExp(`^.*${name}.*\n$`))]);
  });
});

describe('npm start with options', () => {
  it('serves one function alone; Ctrl-C stops everything and exits with 0', async () => {
    const stack = await startStack(['--target=user-read']);
    expect((await fetch(`${stack.url}/users/1`)).status).toBe(200);
    expect((await fetch(`${stack.url}/counters`)).status).toBe(404);
    expect(await stack.end('SIGINT')).toBe(0);
    expect([await isListening(stack.port), await isListening(stack.redisPort)]).toEqual([false, false]);
  });

  it('makes up the other feed as well', async () => {
    // A refresh requests a page a second from Kraken until this timeout.
    const stack = await startStack(['--no-console', '--feed=kraken'], { FEED_TIMEOUT_MS: '2500' });
    expect(stack.output()).toMatch(/feed .*MADE UP.*kraken/);
    expect(await getJson(`${stack.url}/is-bitcoin-lit`)).toMatchObject({ source: 'kraken' });
    await stack.end();
  });

  it('uses the configured Redis and feed, and reports that the feed failed', async () => {
    const redis = await startRedis({ password: 'secret-of-a-test' });
    const settings = { REDIS_URL: redis.url, SENTICRYPT_URL: `http://127.0.0.1:${await freePort()}/` };
    const stack = await startStack(['--no-console'], settings);
    await stack.end();
    expect(await redis.admin('DBSIZE')).toBeGreaterThan(0);
    expect(stack.output()).not.toContain('secret-of-a-test');
    expect(stack.output()).not.toContain('MADE UP');
    expect(stack.output()).toMatch(/refresh +failed with 502/);
    await redis.stop();
  });

  it('restarts on changes with --watch, and keeps serving the old code while the new code does not load', async () => {
    const project = copyProject();
    const name = 'functions/items/index.ts';
    const file = join(project.folder, name);
    const code = await readFile(file, 'utf8');
    const stack = await startStack(['--watch', '--no-console', '--no-schedule', '--target=items'], {}, project.folder);
    const status = async () => (await fetch(`${stack.url}/items/7`, { headers: { connection: 'close' } })).status;
    try {
      await writeFile(file, `const broken = ;\n${code}`);
      await stack.printed('The previous version keeps serving.');
      expect(stack.output()).toMatch(/functions\/items\/index\.ts:1\nconst broken = ;\n/);
      expect(await status()).toBe(404);
      await writeFile(file, code);
      await stack.printed(`${name} changed: restarted`);
      expect(await status()).toBe(404);
    } finally {
      expect(await stack.end()).toBe(0);
      project.remove();
    }
    expect([await isListening(stack.port), await isListening(stack.redisPort)]).toEqual([false, false]);
  });

  it('keeps the data of the throw-away Redis with --keep, and does not refresh with --no-schedule', async () => {
    const port = await freePort();
    const folder = `.cache/data/${port}`;
    const url = `http://localhost:${port}`;
    const args = [`--port=${port}`, '--keep', '--no-console', '--no-schedule'];
    const first = await startStack(args);
    await fetch(`${url}/counters/kept`, { method: 'POST' });
    await first.end();
    const second = await startStack(args);
    expect(await getJson(`${url}/counters/kept`)).toEqual({ name: 'kept', value: 1 });
    expect((await fetch(`${url}/is-bitcoin-lit`)).status).toBe(404);
    await second.end();
    await rm(folder, { recursive: true });
  });

  it('refreshes once when a function that shows samples runs alone, and leaves nothing behind when it is killed', async () => {
    const stack = await startStack(['--target=is-bitcoin-lit']);
    expect((await fetch(`${stack.url}/is-bitcoin-lit`)).status).toBe(200);
    expect(stack.output()).toContain('once, because is-bitcoin-lit runs alone');
    await stack.end('SIGKILL', 'command');
    await isGone(stack.port);
    await isGone(stack.redisPort);
  });

  it('stops when npm is killed', async () => {
    const port = await freePort();
    const env = { ...process.env, REDIS_URL: undefined, ENV_FILE: '' };
    const args = ['start', '--', `--port=${port}`, '--target=items', '--no-console'];
    const npm = spawn('npm', args, { detached: true, stdio: 'ignore', env });
    await expect.poll(() => isListening(port)).toBe(true);
    npm.kill('SIGKILL');
    await isGone(port);
  });

  it('names the setting and the doctor when Redis cannot be used', async () => {
    const port = await freePort();
    const { status, output } = await runStart([`--port=${port}`], { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(status).toBe(1);
    expect(output).toMatch(/^REDIS_URL: cannot use the Redis at 127\.0\.0\.1:1 \(.+\)\. Try `npm run doctor`\.$/m);
  });

  it('reads settings from .env, but the environment takes precedence', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'env-'));
    const ENV_FILE = join(folder, '.env');
    await writeFile(ENV_FILE, 'RATE_LIMIT_PER_MINUTE=many\nPORT=0\n');
    const { output } = await runStart([], { ENV_FILE, PORT: '8080' });
    expect(output).toMatch(/^RATE_LIMIT_PER_MINUTE is "many"/);
    await rm(folder, { recursive: true });
  });
});

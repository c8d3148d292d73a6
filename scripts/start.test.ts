import { rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from './local/free-port.ts';
import { isListening } from './local/processes.ts';
import { startRedis } from './local/redis-server.ts';
import { runStart, type Stack, startStack } from './testing/stack.ts';

const getJson = async (url: string): Promise<unknown> => (await fetch(url)).json();
const isGone = (port: number) => vi.waitFor(async () => expect(await isListening(port)).toBe(false), 10_000);

describe('npm start', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.end());

  it('says in plain words that its feed is made up', () => {
    expect(stack.output()).toMatch(/feed .*MADE UP.*no real prices/);
  });

  it('prints URLs that all answer', async () => {
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

  it('has refreshed before it says that it is ready', async () => {
    const summary = await getJson(`${stack.url}/is-bitcoin-lit`);
    expect(summary).toMatchObject({ source: 'senticrypt', stale: false, hourly_average_of_averages: { length: 3 } });
    expect(stack.output()).toMatch(/refresh +2\d{3} rows received, 2\d{3} new/);
  });

  it('has the sample users', async () => {
    expect(await getJson(`${stack.url}/users`)).toMatchObject({ users: [{ id: 1 }, { id: 2 }, { id: 3 }] });
  });

  it('leaves nothing behind on Ctrl-C, and ends with status 0', async () => {
    const other = await startStack();
    expect(await other.end('SIGINT')).toBe(0);
    expect([await isListening(other.port), await isListening(other.redisPort)]).toEqual([false, false]);
  });

  it('leaves nothing behind when it is killed', async () => {
    const other = await startStack();
    await other.end('SIGKILL', 'command');
    await isGone(other.port);
    await isGone(other.redisPort);
  });

  it('gives one line when the port is taken', async () => {
    const { status, output } = await runStart([`--port=${stack.port}`]);
    expect([status, output]).toEqual([1, expect.stringMatching(/^Port \d+ is taken\. .*--port=8081\n$/)]);
  });

  it.each([
    ['RATE_LIMIT_PER_MINUTE', { RATE_LIMIT_PER_MINUTE: 'many' }, []],
    ['PORT', { PORT: '0' }, []],
    ['FEED', {}, ['--feed=reuters']],
    ['--target', {}, ['--target=nothing']],
    ['--prot', {}, ['--prot=80']],
    ['REDISHOST', { REDIS_URL: 'redis://127.0.0.1', REDISHOST: 'redis' }, []],
  ])('gives one line that names a wrong %s', async (name, env, args) => {
    const port = 'PORT' in env ? [] : [`--port=${await freePort()}`];
    const { status, output } = await runStart([...port, ...args], env);
    expect([status, output]).toEqual([1, expect.stringMatching(new RegExp(`^.*${name}.*\n$`))]);
  });
});

describe('npm start with options', () => {
  it('serves one function alone', async () => {
    const stack = await startStack(['--target=user-read']);
    expect((await fetch(`${stack.url}/users/1`)).status).toBe(200);
    expect((await fetch(`${stack.url}/counters`)).status).toBe(404);
    await stack.end();
  });

  it('speaks the form of the other feed', async () => {
    const stack = await startStack(['--feed=kraken']);
    expect(stack.output()).toMatch(/feed .*MADE UP.*kraken/);
    expect(await getJson(`${stack.url}/is-bitcoin-lit`)).toMatchObject({ source: 'kraken' });
    await stack.end();
  });

  it('leaves the refresh to its user when asked to, and uses the Redis of the settings', async () => {
    const redis = await startRedis({ password: 'secret-of-a-test' });
    const stack = await startStack(['--no-schedule'], { REDIS_URL: redis.url });
    expect((await fetch(`${stack.url}/is-bitcoin-lit`)).status).toBe(404);
    await stack.end();
    expect(await redis.admin('DBSIZE')).toBeGreaterThan(0);
    expect(stack.output()).not.toContain('secret-of-a-test');
    await redis.stop();
  });

  it('says that a feed is real, and what it answered, when it is not made up', async () => {
    const port = await freePort();
    const stack = await startStack([], { SENTICRYPT_URL: `http://127.0.0.1:${port}/` });
    expect(stack.output()).not.toContain('MADE UP');
    expect(stack.output()).toMatch(/refresh +failed with 502/);
    await stack.end();
  });

  it('serves changed code with --watch', async () => {
    const probe = 'functions/watch-probe.tmp';
    const stack = await startStack(['--watch', '--no-schedule']);
    try {
      await writeFile(probe, '');
      await stack.printed('Restarting');
      await vi.waitFor(async () => expect((await fetch(`${stack.url}/users/1`)).status).toBe(200), 10_000);
    } finally {
      await rm(probe);
      expect(await stack.end()).toBe(0);
    }
    expect([await isListening(stack.port), await isListening(stack.redisPort)]).toEqual([false, false]);
  });
});

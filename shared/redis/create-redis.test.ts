import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hangUp, type ScriptedRedis, silence, startScriptedRedis } from '../../scripts/testing/scripted-redis.ts';
import { readConfig } from '../config/config.ts';
import { Problem } from '../problems/problem.ts';
import { createRedis, type Redis } from './index.ts';

const PASSWORD = 'correct-horse-battery';

let server: ScriptedRedis;
let redis: Redis;

/** A Redis of its own, as a new process has it. */
const connectTo = (host: string, env: Readonly<Record<string, string>> = {}): Redis =>
  createRedis(readConfig({ REDIS_URL: `redis://:${PASSWORD}@${host}:${server.port}`, ...env }).redis);

const read = () => redis.run((client) => client.get('a'), { retry: true });
const write = () => redis.run((client) => client.set('a', 'b'));
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => error,
  );
const errorReply = (text: string) => (command: readonly string[]) =>
  command[0] === 'GET' || command[0] === 'SET' ? `-${text}\r\n` : undefined;

/** Where nothing is about time, a busy machine may take its own. */
const PATIENT = { REDIS_TIMEOUT_MS: '10000', REDIS_CONNECT_TIMEOUT_MS: '10000' };

beforeEach(async () => {
  server = await startScriptedRedis();
  redis = connectTo('127.0.0.1');
});
afterEach(async () => {
  await redis.close();
  await server.stop();
});

describe('the one client', () => {
  it('is dialled once for a thousand that wait', async () => {
    redis = connectTo('127.0.0.1', PATIENT);
    await Promise.all(Array.from({ length: 1_000 }, read));
    expect(server.dials()).toBe(1);
  });

  it('is dialled a few times a second, however many ask for one that cannot serve', async () => {
    server.react(errorReply("READONLY You can't write against a read only replica."));
    const startedAt = performance.now();
    let failures = 0;
    const client = async () => {
      for (; performance.now() < startedAt + 500; failures += 1) await outcome(write());
    };
    await Promise.all(Array.from({ length: 100 }, client));
    expect(failures).toBeGreaterThanOrEqual(100);
    expect(server.dials()).toBeLessThan(2 + (performance.now() - startedAt) / 187);
  });

  it('is replaced before the next operation when its connection was reset while idle', async () => {
    redis = connectTo('127.0.0.1', PATIENT);
    await write();
    server.resetAll();
    await expect.poll(() => outcome(write())).toBe('done');
    expect(server.dials()).toBe(2);
  });

  it('serves a read whose connection was cut in the middle, by asking again', async () => {
    redis = connectTo('127.0.0.1', PATIENT);
    let cuts = 0;
    server.react(([name]) => (name === 'GET' && cuts++ === 0 ? hangUp : undefined));
    expect(await outcome(read())).toBe('done');
  });

  it('never sends a write again that may have taken effect', async () => {
    redis = connectTo('127.0.0.1', PATIENT);
    server.react(([name]) => (name === 'SET' ? hangUp : undefined));
    expect(await outcome(write())).toMatchObject({ code: 'redis-unavailable' });
    expect(server.commands().filter(([name]) => name === 'SET')).toHaveLength(1);
  });

  it('still hears what was asked shortly before another operation ran out of time', async () => {
    redis = connectTo('127.0.0.1', PATIENT);
    await write();
    server.react(() => silence);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const first = outcome(write());
    vi.advanceTimersByTime(9_000);
    const second = outcome(write());
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    expect(await first).toMatchObject({ code: 'redis-unavailable' });
    server.say('+OK\r\n+OK\r\n');
    expect(await second).toBe('done');
  });

  it('leaves no connection behind when a server is silent', async () => {
    server.react(([name]) => (name === 'HELLO' ? silence : undefined));
    await outcome(read());
    await outcome(write());
    await expect.poll(server.open).toBe(0);
  });
});

describe('what a server says instead of serving', () => {
  // None of these is about time, of which a busy machine takes more.
  beforeEach(() => {
    redis = connectTo('127.0.0.1', PATIENT);
  });
  const unable: readonly [what: string, reply: string][] = [
    ['it is loading', 'LOADING Redis is loading the dataset in memory'],
    ['it is full', "OOM command not allowed when used memory > 'maxmemory'."],
    [
      'it is full, within a script of an older Redis',
      "ERR Error running script (call to f_0a): @user_script:2: @user_script: 2: -OOM command not allowed when used memory > 'maxmemory'.",
    ],
    ['it cannot save', 'MISCONF Redis is configured to save RDB snapshots, but it is unable to persist on disk.'],
    ['it was demoted', "READONLY You can't write against a read only replica."],
    ['its primary is away', "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
    ['it runs a long script', 'BUSY Redis is busy running a script.'],
    ['it requires a password', 'NOAUTH Authentication required.'],
    ['the cluster is down', 'CLUSTERDOWN The cluster is down'],
  ];
  it.each(unable)('is redis-unavailable when %s', async (_what, reply) => {
    server.react(errorReply(reply));
    expect(await outcome(write())).toMatchObject({ code: 'redis-unavailable', headers: { 'retry-after': '1' } });
    server.react(() => undefined);
    expect(await outcome(write())).toBe('done');
  });

  it('stays an error of ours when the command was wrong', async () => {
    server.react(errorReply('WRONGTYPE Operation against a key holding the wrong kind of value'));
    const error = await outcome(write());
    expect(error).not.toBeInstanceOf(Problem);
    expect(error).toMatchObject({ message: expect.stringContaining('WRONGTYPE') });
  });

  it('stays the problem that the operation itself found, and costs no connection', async () => {
    const problem = new Problem('invalid-request', 'no such cursor');
    const failing = redis.run(async (client) => {
      await client.get('a');
      throw problem;
    });
    expect(await outcome(failing)).toBe(problem);
    await write();
    expect(server.dials()).toBe(1);
  });

  const greetings: readonly [what: string, reply: string][] = [
    ['too many clients', 'ERR max number of clients reached'],
    ['a wrong password', 'WRONGPASS invalid username-password pair or user is disabled.'],
    ['a server too old for HELLO', `ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' '${PASSWORD}'`],
  ];
  it.each(greetings)('is redis-unavailable on %s at the dial, and the next call dials again', async (_what, reply) => {
    server.react(([name]) => (name === 'HELLO' ? `-${reply}\r\n` : undefined));
    expect(await outcome(read())).toMatchObject({ code: 'redis-unavailable' });
    server.react(() => undefined);
    expect(await outcome(read())).toBe('done');
  });

  it('never shows the password, even when the server repeats it', async () => {
    const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    server.react(() => `-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' '${PASSWORD}'\r\n`);
    await outcome(read());
    const text = printed.mock.calls.map(([line]) => String(line)).join('');
    printed.mockRestore();
    expect(text).toContain('unknown command');
    expect(text).not.toContain(PASSWORD);
  });

  it('is redis-unavailable when no address of the host takes the connection', async () => {
    await server.stop();
    redis = connectTo('localhost');
    expect(await outcome(read())).toMatchObject({ code: 'redis-unavailable' });
  });

  it('is redis-unavailable when TLS meets a server without it', async () => {
    redis = connectTo('127.0.0.1', { REDIS_TLS: 'true' });
    server.react(() => hangUp);
    expect(await outcome(read())).toMatchObject({ code: 'redis-unavailable' });
  });

  it('is asked again while a slot of a cluster moves', async () => {
    let refusals = 3;
    server.react(([name]) => (name === 'SET' && refusals-- > 0 ? '-TRYAGAIN Multiple keys request\r\n' : undefined));
    expect(await outcome(write())).toBe('done');
  });
});

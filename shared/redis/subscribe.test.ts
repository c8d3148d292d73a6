import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ScriptedRedis, silence, startScriptedRedis } from '../../scripts/testing/scripted-redis.ts';
import { readConfig } from '../config/config.ts';
import { createRedis, type Redis } from './index.ts';

let server: ScriptedRedis;
let redis: Redis;

const text = (value: string) => `$${value.length}\r\n${value}\r\n`;
const push = (...parts: string[]) => `>${parts.length}\r\n${parts.join('')}`;
const message = (channel: string, value: string) => push(text('message'), text(channel), text(value));
const confirm = ([name = '', ...channels]: readonly string[]) =>
  /^(un)?subscribe$/i.test(name)
    ? channels.map((channel) => push(text(name.toLowerCase()), text(channel), ':1\r\n')).join('')
    : undefined;

const listener = () => ({ onMessage: vi.fn<(message: string) => void>(), onResume: vi.fn<() => void>() });

/** @param timeoutMs what a confirmation may take: as long as a slow machine likes, unless the test is about that */
const connect = (timeoutMs = 20_000): Redis => {
  const REDIS_URL = `redis://127.0.0.1:${server.port}`;
  const env = { REDIS_URL, REDIS_TIMEOUT_MS: String(timeoutMs), REDIS_CONNECT_TIMEOUT_MS: '20000' };
  return createRedis(readConfig(env).redis);
};

beforeEach(async () => {
  server = await startScriptedRedis();
  server.react(confirm);
  redis = connect();
});
afterEach(async () => {
  redis.closeSubscriptions();
  await server.stop();
});

describe('a subscription', () => {
  it('shares one connection with all others of the instance', async () => {
    const [one, other] = [listener(), listener()];
    await Promise.all([redis.subscribe('a', one), redis.subscribe('b', other)]);
    server.say(message('a', 'news') + message('b', 'other'));
    await expect.poll(() => other.onMessage).toHaveBeenCalledWith('other');
    expect([one.onMessage.mock.calls, other.onMessage.mock.calls]).toEqual([[['news']], [['other']]]);
    expect(server.dials()).toBe(1);
  });

  it('is made again after its connection was lost, says so, and hears what comes then', async () => {
    const one = listener();
    const other = listener();
    await redis.subscribe('a', one);
    await redis.subscribe('b', other);
    server.resetAll();
    await expect.poll(() => [one, other].map(({ onResume }) => onResume.mock.calls.length)).toEqual([1, 1]);
    server.say(message('a', 'news'));
    await expect.poll(() => one.onMessage).toHaveBeenCalledWith('news');
    expect(server.dials()).toBe(2);
  });

  it('is tried again while there is a listener', async () => {
    const one = listener();
    await redis.subscribe('a', one);
    server.react(([name]) => (name === 'HELLO' ? '-LOADING Redis is loading the dataset in memory\r\n' : undefined));
    server.resetAll();
    await expect.poll(server.dials).toBeGreaterThan(2);
    expect(one.onResume).not.toHaveBeenCalled();
    server.react(confirm);
    await expect.poll(() => one.onResume).toHaveBeenCalledTimes(1);
  });

  it('notices a server that has become silent', async () => {
    const one = listener();
    await redis.subscribe('a', one);
    server.react((command) => (command[0] === 'PING' ? silence : confirm(command)));
    await expect.poll(() => one.onResume).toHaveBeenCalled();
  });

  it('is redis-unavailable when Redis refuses it, and leaves those of others alone', async () => {
    const one = listener();
    await redis.subscribe('a', one);
    server.react((command) => (command[1] === 'b' ? '-NOPERM no permissions\r\n' : confirm(command)));
    await expect(redis.subscribe('b', listener())).rejects.toMatchObject({ code: 'redis-unavailable' });
    server.say(message('a', 'news'));
    await expect.poll(() => one.onMessage).toHaveBeenCalledWith('news');
  });

  it('leaves no connection behind that it could not use, and the next one dials again', async () => {
    redis = connect(100);
    const attempt = () => redis.subscribe('a', listener()).then(() => 'subscribed', String);
    server.react((command) => (/^subscribe$/i.test(command[0] ?? '') ? silence : confirm(command)));
    await expect(redis.subscribe('a', listener())).rejects.toMatchObject({ code: 'redis-unavailable' });
    await expect.poll(server.open).toBe(0);
    expect(server.dials()).toBe(1);
    server.react(confirm);
    // A slow machine needs more than one.
    await expect.poll(attempt).toBe('subscribed');
    expect(server.dials()).toBeGreaterThan(1);
  });
});

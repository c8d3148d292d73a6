import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { command } from '../../scripts/testing/served.ts';
import { closeRedis, redis } from '../redis/index.ts';
import { cached } from './cached.ts';
import { untaggedHead } from './kept-answers.ts';
import { emptyCaches } from './tag-generation.ts';

afterAll(() => closeRedis());

const make = (compute: () => Promise<string | undefined>, key = `{test:${randomUUID()}}:value`) =>
  cached({ tag: 'test', key, ttlSeconds: 60, memoryMs: 1_000, compute });

describe('a cached value', () => {
  it('is computed once for 500 concurrent callers in ten instances', async () => {
    const key = `{test:${randomUUID()}}:value`;
    let count = 0;
    const compute = async () => {
      count += 1;
      await redis((client) => client.ping());
      return 'value';
    };
    const instances = Array.from({ length: 10 }, () => make(compute, key));
    const readings = await Promise.all(
      Array.from({ length: 500 }, (_, at) => (instances[at % instances.length] ?? make(compute, key)).get()),
    );
    expect(count).toBe(1);
    expect(new Set(readings.map((reading) => reading?.text))).toEqual(new Set(['value']));
  });

  it('is a miss first, then a hit in memory for a second, then a hit in Redis', async () => {
    const cache = make(async () => 'value');
    expect(await cache.get(1_000)).toEqual({ text: 'value', status: 'miss', from: 'redis' });
    expect(await cache.get(1_999)).toEqual({ text: 'value', status: 'hit', from: 'memory' });
    expect(await cache.get(2_000)).toEqual({ text: 'value', status: 'hit', from: 'redis' });
  });

  it('is redis-unavailable after a time limit if the computation never ends', async () => {
    const cache = make(() => new Promise(() => {}));
    await expect(cache.get()).rejects.toMatchObject({ code: 'redis-unavailable', headers: { 'retry-after': '1' } });
  });

  it('is computed again after its tag was emptied, in memory and in Redis', async () => {
    const values = ['old', 'new'];
    const cache = make(async () => values.shift());
    await cache.get(1_000);
    await emptyCaches('test');
    expect(await cache.get(1_001)).toEqual({ text: 'new', status: 'miss', from: 'redis' });
  });

  it('is kept for its time to live', async () => {
    const key = `{test:${randomUUID()}}:value`;
    await make(async () => 'value', key).get();
    const seconds = Number(await command('ttl', key));
    expect([seconds > 55, seconds <= 60]).toEqual([true, true]);
  });

  it('is the last value, marked stale, if computing fails', async () => {
    const key = `{test:${randomUUID()}}:value`;
    const answers = [async () => 'old', () => Promise.reject(new Error('no'))];
    const cache = make(() => answers.shift()?.() ?? Promise.resolve('new'), key);
    await cache.get(0);
    await redis((client) => client.del(key));
    expect(await cache.get(5_000)).toEqual({ text: 'old', status: 'stale', from: 'memory' });
    expect(await cache.get(5_001)).toEqual({ text: 'new', status: 'miss', from: 'redis' });
  });

  it('fails if computing fails and there is no last value; the next call tries again', async () => {
    const answers = [() => Promise.reject(new Error('no')), async () => 'new'];
    const cache = make(() => answers.shift()?.() ?? Promise.resolve(undefined));
    await expect(cache.get()).rejects.toThrow('no');
    expect(await cache.get()).toMatchObject({ text: 'new' });
  });

  it('is undefined if there is nothing to cache', async () => {
    const cache = make(async () => undefined);
    expect(await cache.get()).toBeUndefined();
    expect(await cache.get()).toBeUndefined();
  });

  it('does not overwrite a value that was stored while it was computed', async () => {
    const key = `{test:${randomUUID()}}:value`;
    const cache = make(async () => {
      await command('set', key, `${untaggedHead()}newer`);
      return 'older';
    }, key);
    await cache.get(0);
    expect((await cache.get(5_000))?.text).toBe('newer');
  });

  it('does not replace a newer value that another instance announced in the meantime', async () => {
    const { promise: value, resolve } = Promise.withResolvers<string>();
    const computing = Promise.withResolvers<void>();
    const cache = make(() => {
      computing.resolve();
      return value;
    });
    const reading = cache.get(0);
    await computing.promise;
    cache.keep('new', 1);
    resolve('old');
    expect(await reading).toEqual({ text: 'new', status: 'hit', from: 'memory' });
    expect(await cache.get(2)).toEqual({ text: 'new', status: 'hit', from: 'memory' });
  });

  it('is at once the one that another instance announced', async () => {
    const cache = make(async () => 'computed');
    cache.keep('announced', 1_000);
    expect(await cache.get(1_500)).toEqual({ text: 'announced', status: 'hit', from: 'memory' });
  });
});

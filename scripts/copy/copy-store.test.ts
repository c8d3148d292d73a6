import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../shared/config/config.ts';
import { type RedisServer, startRedis } from '../local/redis-server.ts';
import { copyStore, type Progress } from './copy-store.ts';
import { openStore, type Store } from './store.ts';

let source: RedisServer;
let target: RedisServer;
let from: Store;
let to: Store;
beforeEach(async () => {
  [source, target] = await Promise.all([startRedis(), startRedis()]);
  // The command's timeout: a busy machine may need longer than the functions' default.
  const open = ({ url }: RedisServer) =>
    openStore(readConfig({ REDIS_URL: url, REDIS_CONNECT_TIMEOUT_MS: '10000' }).redis);
  [from, to] = await Promise.all([open(source), open(target)]);
});
afterEach(async () => {
  from.close();
  to.close();
  await Promise.all([source.stop(), target.stop()]);
});

const on = (store: Store, ...words: (string | Buffer)[]) => store.send(Buffer.from(words[1] ?? ''), words);
const copy = (options: Omit<Parameters<typeof copyStore>[0], 'from' | 'to'> = {}) =>
  copyStore({ from, to, ...options });

describe('a copy', () => {
  it('copies every type, byte and TTL', async () => {
    const bytes = Buffer.from([0, 255, 13, 10]);
    await on(from, 'SET', 'text', bytes, 'PX', '60000');
    await on(from, 'HSET', 'hash', 'a', '1', bytes, '2');
    await on(from, 'ZADD', 'sorted', '-0.1', 'x', '1e300', 'y');
    await on(from, 'RPUSH', 'list', 'b', 'a', 'b');
    await on(from, 'SADD', 'set', 'b', 'a');
    const done = await copy();
    expect(done).toMatchObject({ copied: 5, inSource: 5, inTarget: 5, sampled: 5, differing: 0 });
    expect(await on(to, 'GET', 'text')).toEqual(bytes);
    expect(Number(await on(to, 'PTTL', 'text'))).toBeGreaterThan(50_000);
    expect(await on(to, 'PTTL', 'hash')).toBe(-1);
    expect(await on(to, 'ZSCORE', 'sorted', 'y')).toBe(1e300);
    expect(String(await on(to, 'LRANGE', 'list', '0', '-1'))).toBe('b,a,b');
  });

  it('can be repeated, and replaces values that changed', async () => {
    await on(from, 'SET', 'key', 'old');
    await copy();
    await on(from, 'SET', 'key', 'new');
    await copy();
    expect(await copy()).toMatchObject({ inSource: 1, inTarget: 1, differing: 0 });
    expect(String(await on(to, 'GET', 'key'))).toBe('new');
  });

  it('deletes keys that the source does not have only on request', async () => {
    await on(to, 'SET', 'other', '1');
    expect(await copy()).toMatchObject({ deleted: 0, inTarget: 1 });
    expect(await copy({ deleteOthers: true })).toMatchObject({ deleted: 1, inTarget: 0 });
  });

  it('adds only missing keys when the functions already write to the target', async () => {
    await on(from, 'SET', 'both', 'old');
    await on(from, 'SET', 'late', 'came late');
    await on(to, 'SET', 'both', 'new');
    expect((await copy({ onlyMissing: true })).copied).toBe(1);
    expect(String(await on(to, 'GET', 'both'))).toBe('new');
    expect(String(await on(to, 'GET', 'late'))).toBe('came late');
  });

  it('resumes where it was interrupted', async () => {
    for (let at = 0; at < 1_000; at += 1) await on(from, 'SET', `key:${at}`, 'v');
    let kept: Progress | undefined;
    const save = (progress: Progress) => {
      if (progress.copied >= 500) throw new Error('interrupted');
      kept = progress;
    };
    await expect(copy({ save })).rejects.toThrow('interrupted');
    const already = kept?.copied ?? 0;
    expect(already).toBeGreaterThan(0);
    const pages: number[] = [];
    const resumed = await copy({ progress: kept, save: ({ copied }) => pages.push(copied) });
    expect(resumed).toMatchObject({ inTarget: 1_000, differing: 0 });
    expect(pages[0]).toBeLessThanOrEqual(already + 200);
    expect(pages.at(-1)).toBe(1_000);
  });

  it('rejects a type that it cannot copy, and names it', async () => {
    await on(from, 'XADD', 'stream', '*', 'a', '1');
    await expect(copy()).rejects.toThrow(
      'stream is a stream. Only these types can be copied: string, hash, list, set, zset.',
    );
  });

  it('rejects a target that holds keys unless --merge is given', async () => {
    await on(from, 'SET', 'key', '1');
    await on(to, 'SET', 'other', '1');
    const run = (...more: string[]) =>
      spawnSync(process.execPath, ['scripts/copy.ts', `--from=${source.url}`, `--to=${target.url}`, ...more], {
        encoding: 'utf8',
      });
    expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining('The target holds 1 keys.') });
    expect(run('--merge')).toMatchObject({ status: 0, stdout: expect.stringContaining('1 keys copied') });
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, emptyRedis } from '../../scripts/testing/served.ts';
import { closeRedis } from '../redis/index.ts';
import { Collection } from './documents/collection.ts';
import { keepAnswers } from './kept-answers.ts';
import { emptiedTag, emptyCaches, emptyTag } from './tag-generation.ts';

// Connects to Redis, so that concurrent callers do not wait for that.
beforeAll(emptyRedis);
afterAll(() => closeRedis());

const text = { print: (value: string) => value, parse: (value: string) => value };
/** Stands for one process. */
const instance = () => keepAnswers(text);
const makePlan = (rest: { seconds?: number; staleSeconds?: number; tags?: string[] } = {}) => {
  const tags = [`test-${randomUUID()}`];
  return { key: `{test:${randomUUID()}}`, seconds: 60, staleSeconds: 0, tags, needsRedis: true, ...rest };
};
/** Makes a kept answer this much older. */
const age = async ({ key }: { key: string }, ms: number) => {
  const stored = String(await command('get', key));
  const aged = stored.replace(/ (\d{13}) /, (_, at) => ` ${Number(at) - ms} `);
  await command('set', key, aged, 'KEEPTTL');
};

describe('a kept answer', () => {
  it('is computed once for 500 concurrent callers in four instances', async () => {
    const plan = makePlan();
    const instances = Array.from({ length: 4 }, instance);
    let count = 0;
    const compute = async () => {
      count += 1;
      await command('ping', 'a key').catch(() => {});
      return 'value';
    };
    const finds = Array.from({ length: 500 }, (_, at) => instances[at % 4]?.(plan, compute));
    const found = await Promise.all(finds);
    expect(new Set(found.map((each) => each?.value))).toEqual(new Set(['value']));
    expect(found.filter((each) => each?.how === 'stored')).toHaveLength(1);
    expect(count).toBe(1);
  });

  it('is not served after one of its tags was emptied, nor is one that was being computed then', async () => {
    const plan = makePlan({ tags: [`test-${randomUUID()}`, `test-${randomUUID()}`] });
    const [a, b] = [instance(), instance()];
    const old = Promise.withResolvers<string>();
    const computing = Promise.withResolvers<void>();
    const early = a(plan, () => {
      computing.resolve();
      return old.promise;
    });
    await computing.promise;
    await emptyTag(plan.tags[1] ?? '');
    expect((await b(plan, async () => 'new')).value).toBe('new');
    expect((await a(plan, async () => 'never')).value).toBe('new');
    old.resolve('old');
    expect((await early).value).toBe('old');
    // The late answer has overwritten the new one, but must not be served.
    expect((await b(plan, async () => 'newest')).value).toBe('newest');
    expect(await b(plan, async () => 'never')).toMatchObject({ value: 'newest', how: 'hit' });
  });

  it('is computed again after each write to its data, and only then', async () => {
    const plan = makePlan();
    const find = instance();
    const documents = new Collection(`test-${randomUUID()}`, emptiedTag(plan.tags[0] ?? '').emptying);
    let count = 0;
    const countAfter = async (result: Promise<unknown>) => {
      const was = await result;
      return [was, (await find(plan, async () => String(++count))).value];
    };
    expect(await countAfter(documents.put('a', '1'))).toEqual(['created', '1']);
    expect(await countAfter(documents.get('a'))).toEqual(['1', '1']);
    expect(await countAfter(documents.put('a', '2'))).toEqual(['replaced', '2']);
    expect(await countAfter(documents.delete('a'))).toEqual(['deleted', '3']);
  });

  it('is computed again after the command empty-cache', async () => {
    const plan = makePlan();
    const [a, b] = [instance(), instance()];
    await a(plan, async () => 'old');
    await emptyCaches(plan.tags[0] ?? '');
    expect((await b(plan, async () => 'new')).value).toBe('new');
  });

  it('is computed again after its generation was evicted', async () => {
    const plan = makePlan();
    const find = instance();
    await find(plan, async () => 'old');
    await command('del', `kept-tag:${plan.tags[0]}`);
    await find({ ...plan, key: `{test:${randomUUID()}}` }, async () => 'of another key');
    expect((await find(plan, async () => 'new')).value).toBe('new');
  });

  it('is served stale while one caller renews it, and that caller gets the new one', async () => {
    const plan = makePlan({ seconds: 60, staleSeconds: 60 });
    const [a, b] = [instance(), instance()];
    await a(plan, async () => 'old');
    await age(plan, 61_000);
    const renewed = Promise.withResolvers<string>();
    const renewing = Promise.withResolvers<void>();
    const renewal = a(plan, () => {
      renewing.resolve();
      return renewed.promise;
    });
    await renewing.promise;
    for (const find of [a, b]) {
      const { value, how, ageMs } = await find(plan, async () => 'never');
      expect([value, how, ageMs >= 61_000]).toEqual(['old', 'hit', true]);
    }
    renewed.resolve('new');
    expect(await renewal).toMatchObject({ value: 'new', how: 'renewed' });
    expect(await b(plan, async () => 'never')).toMatchObject({ value: 'new', how: 'hit' });
  });

  it('is kept for its time to live plus its stale time', async () => {
    const plan = makePlan({ seconds: 60, staleSeconds: 30 });
    await instance()(plan, async () => 'value');
    const seconds = Number(await command('ttl', plan.key));
    expect([seconds > 85, seconds <= 90]).toEqual([true, true]);
  });

  it('has at most 1 MiB; a longer one is not stored, and no caller waits for it', async () => {
    const plan = makePlan();
    const large = 'é'.repeat(2 ** 19 + 1);
    const [a, b] = [instance(), instance()];
    expect(await a(plan, async () => large)).toMatchObject({ how: 'passed' });
    expect(await b(plan, async () => 'small')).toMatchObject({ value: 'small', how: 'stored' });
  });

  it('is not stored if computing fails, and the next caller tries again', async () => {
    const plan = makePlan();
    const [a, b] = [instance(), instance()];
    await expect(a(plan, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await b(plan, async () => 'value')).toMatchObject({ value: 'value', how: 'stored' });
  });

  it('is computed by a caller that has waited too long for another', async () => {
    const plan = makePlan();
    const computing = Promise.withResolvers<void>();
    const late = Promise.withResolvers<string>();
    const endless = instance()(plan, () => {
      computing.resolve();
      return late.promise;
    });
    await computing.promise;
    expect(await instance()(plan, async () => 'own')).toMatchObject({ value: 'own' });
    late.resolve('late');
    await endless;
  });
});

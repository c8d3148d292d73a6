import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createItem, storedItems } from '../../../shared/domain/documents/items.ts';
import { ALWAYS } from '../../../shared/domain/documents/precondition.ts';
import { keepAnswers } from '../../../shared/domain/kept-answers.ts';
import { generationKey } from '../../../shared/domain/tag-generation.ts';
import { closeRedis } from '../../../shared/redis/index.ts';
import { command, emptyRedis } from '../served.ts';

const generation = generationKey(storedItems.tag);
const leftMs = () => command('PTTL', generation);

beforeAll(emptyRedis);
afterAll(() => closeRedis());

it('an answer cached during a write expires within a second, even if the writer is killed before it invalidates', async () => {
  const find = keepAnswers<string>({ print: (text) => text, parse: (text) => text });
  const plan = { key: '{test}', seconds: 3_600, staleSeconds: 0, tags: [storedItems.tag], needsRedis: true };
  const read = async () => (await find(plan, () => storedItems.get(1))).value;
  await createItem(1, { name: 'Tea', price: 1 }, ALWAYS);
  await command('DEL', generation);
  await read();
  expect(await leftMs()).toBe(-1);

  const writer = fork(join(import.meta.dirname, 'dying-writer.ts'));
  const ended = once(writer, 'exit');
  await expect.poll(leftMs).toBeGreaterThan(0);
  // Computed before the write, but after the writer first invalidated the tag.
  expect(await read()).toContain('"price":1');
  writer.send('write now');
  expect(await ended).toEqual([null, 'SIGKILL']);

  expect(await storedItems.get(1)).toContain('"price":2');
  expect(await leftMs()).toSatisfy((left) => left !== -1 && left <= 1_000);
  await expect.poll(read).toContain('"price":2');
});

import { afterAll, expect, it } from 'vitest';
import { startFramework } from '../../scripts/local/framework-process.ts';
import { emptyRedis } from '../../scripts/testing/served.ts';
import { Collection } from '../../shared/domain/documents/collection.ts';
import { closeRedis } from '../../shared/redis/index.ts';

await emptyRedis();
const targets = ['api', 'api', 'counters', 'counters'];
const processes = await Promise.all(targets.map((target) => startFramework(target)));
afterAll(async () => {
  await Promise.all(processes.map((each) => each.stop()));
  await closeRedis();
});

const add = async (at: number) => {
  const url = `${processes[at % processes.length]?.url}/counters/together`;
  const { status } = await fetch(url, { method: 'POST' });
  return status;
};

it('1,000 concurrent increments through four processes are all counted, and so are the calls', async () => {
  const statuses = await Promise.all(Array.from({ length: 1_000 }, (_, at) => add(at)));
  expect(new Set(statuses)).toEqual(new Set([200]));
  const counters = new Collection('counters');
  expect(await counters.get('together')).toBe('1000');
  expect(await Promise.all(processes.map((each) => each.stop()))).toEqual([0, 0, 0, 0]);
  expect(await counters.get('calls:counters')).toBe('1000');
});

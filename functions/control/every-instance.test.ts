import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../../scripts/local/framework-process.ts';
import { emptyRedis } from '../../scripts/testing/served.ts';
import { storeSamples } from '../../shared/domain/bitcoin/samples.ts';
import { closeRedis } from '../../shared/redis/index.ts';

const LIMITED = '/is-bitcoin-lit/history';
const APPLIED = 'command applied';

/** An unreachable feed. */
const env = { SENTICRYPT_URL: 'http://127.0.0.1:9/' };

let running: FrameworkProcess[] = [];
beforeAll(async () => {
  await emptyRedis();
  running = await Promise.all(Array.from({ length: 3 }, () => startFramework('api', { env })));
  // An instance subscribes once it has read a summary.
  await storeSamples('senticrypt', [{ timeMs: 1_625_673_600_000, price: 34_000, sentiment: 0.25 }]);
  for (const { url } of running) expect((await fetch(`${url}/is-bitcoin-lit`)).status).toBe(200);
});
afterAll(async () => {
  for (const each of running) each.child.kill('SIGCONT');
  await Promise.all(running.map((each) => each.stop()));
  await emptyRedis();
  await closeRedis();
});

const policyOf = async ({ url }: FrameworkProcess) => (await fetch(url + LIMITED)).headers.get('ratelimit-policy');

const ask = async (method: string, name: string, body?: unknown) => {
  const headers = { 'content-type': 'application/json' };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await fetch(`${running[0]?.url}/commands/${name}`, init);
  return response.status === 204 ? undefined : response.json();
};

/** Waits until a process has printed this. */
const printed = (each: FrameworkProcess, text: string) => expect.poll(each.output).toContain(text);

it('four processes carry out a command: two active, one suspended and resumed, one started later', async () => {
  const [first, second, suspended] = running;
  if (!first || !second || !suspended) throw new Error('expected three processes');
  suspended.child.kill('SIGSTOP');
  const body = { per_minute: 30, burst: 7, ttl_seconds: 600 };
  // On a cluster a message reaches every subscriber, but the count covers one node only.
  const heard_at_once = process.env.REDIS_CLUSTER === 'true' ? expect.toSatisfy((count) => count <= 3) : 3;
  expect(await ask('POST', 'rate-limit', body)).toMatchObject({ heard_at_once });

  // Active: without a request.
  await Promise.all([printed(first, APPLIED), printed(second, APPLIED)]);
  expect(await Promise.all([first, second].map(policyOf))).toEqual(Array(2).fill('"default";q=7;w=14'));
  expect(suspended.output()).not.toContain(APPLIED);

  // Resumed: with its next answer.
  suspended.child.kill('SIGCONT');
  await policyOf(suspended);
  await printed(suspended, APPLIED);
  expect(await policyOf(suspended)).toBe('"default";q=7;w=14');

  // Started later: with its first answer.
  const later = await startFramework('is-bitcoin-lit');
  running.push(later);
  await policyOf(later);
  await printed(later, APPLIED);
  expect(await policyOf(later)).toBe('"default";q=7;w=14');

  // When the command ends, all return to their settings.
  await ask('DELETE', 'rate-limit');
  await Promise.all(running.map((each) => expect.poll(() => policyOf(each)).toBe('"default";q=100;w=10')));
});

it('a log level applies to every instance, and ends for every instance', async () => {
  const apis = running.slice(0, 3);
  /** Causes a warning: the feed is unreachable. */
  const warn = async () => {
    for (const { url } of apis) expect((await fetch(`${url}/refresh`, { method: 'POST' })).status).toBe(502);
  };
  await ask('POST', 'log-level', { level: 'error', ttl_seconds: 600 });
  await Promise.all(apis.map((each) => printed(each, '"command":"log-level"')));
  await warn();
  await ask('DELETE', 'log-level');
  await ask('POST', 'reread-secrets', { ttl_seconds: 600 });
  await Promise.all(apis.map((each) => printed(each, '"command":"reread-secrets"')));
  await warn();
  await Promise.all(apis.map((each) => printed(each, '"code":"feed-unavailable"')));
  expect(apis.map((each) => each.output().split('"code":"feed-unavailable"').length - 1)).toEqual([1, 1, 1]);
});

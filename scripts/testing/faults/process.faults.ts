import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../../local/framework-process.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';
import { dialRaw } from '../raw-client.ts';
import { type FeedServer, feedRows, startFeed } from '../test-feed.ts';
import { send, underLoad } from './fault-load.ts';
import { COLLECT_ON_SIGNAL, heldMib, residentMib } from './process-memory.ts';

/** How many requests the memory test sends. */
const REQUESTS = Number(process.env.FAULTS_REQUESTS ?? 60_000);
const MAX_EXCESS_MS = 1_500;
const RECOVERY_MS = 2_000;
const MAX_GROWTH_MIB = 4;
/** For tests that do not measure speed. */
const patient = { REDIS_TIMEOUT_MS: '5000', REDIS_CONNECT_TIMEOUT_MS: '5000' };

let server: RedisServer;
let feed: FeedServer;
let env: Record<string, string>;

beforeAll(async () => {
  server = await startRedis();
  feed = await startFeed();
  env = { REDIS_URL: server.url, SENTICRYPT_URL: feed.url, RATE_LIMIT_PER_MINUTE: '0' };
});
afterAll(async () => {
  await feed.stop();
  await server.stop();
});

const storedSum = async (prefix: string): Promise<number> => {
  const keys = await server.admin('KEYS', `{counters:*}:${prefix}*`);
  const values = Array.isArray(keys) ? await Promise.all(keys.map((key) => server.admin('GET', String(key)))) : [];
  return values.reduce<number>((sum, value) => sum + Number(value), 0);
};

describe('at SIGTERM', () => {
  it('answers all 1,000 requests in flight', async () => {
    const api = await startFramework('api', { env: { ...env, ...patient } });
    await send(`${api.url}/ready`);
    await server.admin('CLIENT', 'PAUSE', '400', 'WRITE');
    const calls = Array.from({ length: 1_000 }, (_, at) =>
      send(`${api.url}/counters/term-${at % 50}`, { method: 'POST', body: { by: 1 } }),
    );
    await pause(200);
    const exit = api.stop('SIGTERM');
    const answers = await Promise.all(calls);
    expect(await exit).toBe(0);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1_000);
    expect(await storedSum('term-')).toBe(1_000);
  });
});

describe('kill -9', () => {
  it('of one of four processes under load loses no acknowledged increment and adds no extra one', async () => {
    const processes = await Promise.all(Array.from({ length: 4 }, () => startFramework('counters', { env })));
    const options = { urls: () => processes.map(({ url }) => url), clients: 40, prefix: 'kill' };
    const { calls } = await underLoad(options, async (more) => {
      await more(2_000);
      await processes[0]?.stop('SIGKILL');
      await more(3_000);
    });
    await Promise.all(processes.slice(1).map((each) => each.stop()));
    const sent = calls.filter(({ incremented }) => incremented !== '');
    const stored = await storedSum('kill-');
    expect(stored).toBeGreaterThanOrEqual(sent.filter(({ status }) => status === 200).length);
    expect(stored).toBeLessThanOrEqual(sent.length);
  });

  it('in the middle of a refresh lets the next refresh finish the work', async () => {
    const first = await startFramework('refresh', { env });
    const arrived = Promise.withResolvers<void>();
    feed.react((_, response) => {
      response.write('[');
      arrived.resolve();
    });
    const cut = send(`${first.url}/refresh`, { method: 'POST' });
    await arrived.promise;
    const second = await startFramework('refresh', { env });
    const meanwhile = await send(`${second.url}/refresh`, { method: 'POST' });
    await first.stop('SIGKILL');
    await cut;
    const diedAt = performance.now();
    feed.react((_, response) => response.end(JSON.stringify(feedRows(200))));
    let answer = await send(`${second.url}/refresh`, { method: 'POST' });
    while (answer.status === 202) {
      await pause(50);
      answer = await send(`${second.url}/refresh`, { method: 'POST' });
    }
    const recoveryMs = performance.now() - diedAt;
    await second.stop();
    expect(meanwhile.status).toBe(202);
    expect(JSON.parse(answer.body)).toMatchObject({ added: 200 });
    expect(recoveryMs).toBeLessThan(RECOVERY_MS);
  });
});

describe('clients', () => {
  let api: FrameworkProcess;
  let loads = 0;
  beforeAll(async () => {
    api = await startFramework('api', { env: { ...env, ...patient } });
    await send(`${api.url}/users/1`, {
      method: 'PUT',
      body: { name: 'x'.repeat(200), email: 'a@example.com', age: 1, city: 'x'.repeat(200), height: 1, weight: 1 },
    });
  });
  afterAll(() => api.stop('SIGKILL'));

  /** Opens `count` connections, misuses each, and checks that other clients are served as usual. */
  const expectOthersServed = async (count: number, misuse: (socket: Socket) => void) => {
    const clients = await Promise.all(Array.from({ length: count }, () => dialRaw(api.url)));
    for (const { socket } of clients) misuse(socket);
    const options = { urls: () => [api.url], clients: 20, prefix: `beside-${loads++}` };
    const { calls, excessMs } = await underLoad(options, (more) => more(2_000));
    for (const { socket } of clients) socket.destroy();
    expect(calls.filter(({ status }) => status !== 200)).toEqual([]);
    expect(excessMs).toBeLessThan(MAX_EXCESS_MS);
  };

  const BODY_HEAD =
    'PUT /users/2 HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{';

  it('with 5,000 open connections delay no other client', () => expectOthersServed(5_000, () => {}));

  it('that never finish a body delay no other client', () =>
    expectOthersServed(500, (socket) => void socket.write(BODY_HEAD)));

  it('that hang up in the middle of a body log no error', async () => {
    const before = api.output().length;
    await expectOthersServed(500, (socket) => void socket.write(BODY_HEAD, () => socket.resetAndDestroy()));
    expect(api.output().slice(before)).not.toMatch(/ERROR|stack_trace/);
  });

  it('that pipeline requests and read no answer do not fill the memory', async () => {
    const before = residentMib(api);
    await expectOthersServed(100, (socket) => {
      socket.pause();
      socket.write('GET /users/1 HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(50));
    });
    expect(residentMib(api) - before).toBeLessThan(200);
  });
});

describe('memory', () => {
  it(`stays flat over ${REQUESTS} requests`, async () => {
    const api = await startFramework('api', { env, nodeArgs: COLLECT_ON_SIGNAL });
    const held: number[] = [];
    await underLoad({ urls: () => [api.url], clients: 50, prefix: 'memory' }, async (more) => {
      await more(REQUESTS / 5);
      for (let part = 0; part < 8; part += 1) {
        held.push(await heldMib(api));
        await more(REQUESTS / 10);
      }
    });
    held.push(await heldMib(api));
    await api.stop();
    process.stdout.write(`\nMiB held over ${REQUESTS} requests: ${held.map((mib) => mib.toFixed(1)).join(', ')}\n`);
    expect(Math.max(...held.slice(5)) - Math.max(...held.slice(0, 4))).toBeLessThan(MAX_GROWTH_MIB);
  });
});

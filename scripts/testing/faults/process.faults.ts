import http from 'node:http';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../../local/framework-process.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';
import { type FeedServer, feedRows, startFeed } from './broken-feed.ts';
import { send, underLoad } from './fault-load.ts';
import { addRow, report } from './fault-table.ts';
import { COLLECT, heldMib, residentMib } from './process-memory.ts';

/** FAULTS_REQUESTS: how many requests the memory is watched over. */
const REQUESTS = Number(process.env.FAULTS_REQUESTS ?? 60_000);
const LONGEST_MS = 1_500;
const NORMAL_MS = 2_000;
const MAX_GROWTH_MIB = 4;
/** For where the question is not how fast this machine is. */
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
  report('The process, and its clients');
});

const storedSum = async (prefix: string): Promise<number> => {
  const keys = await server.admin('KEYS', `{counters:*}:${prefix}*`);
  const values = Array.isArray(keys) ? await Promise.all(keys.map((key) => server.admin('GET', String(key)))) : [];
  return values.reduce<number>((sum, value) => sum + Number(value), 0);
};

const sumOf = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);

describe('at SIGTERM', () => {
  it('answers all of 1,000 requests in flight', async () => {
    const api = await startFramework('api', { env: { ...env, ...patient } });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1_000 });
    await send(`${api.url}/ready`);
    await server.admin('CLIENT', 'PAUSE', '400', 'WRITE');
    const calls = Array.from({ length: 1_000 }, (_, at) =>
      send(`${api.url}/counters/term-${at % 50}`, { method: 'POST', body: { by: 1 }, agent }),
    );
    const started = performance.now();
    await pause(200);
    const exit = api.stop('SIGTERM');
    const answers = await Promise.all(calls);
    const longest = Math.round(performance.now() - started);
    agent.destroy();
    expect(await exit).toBe(0);
    const served = answers.filter(({ status }) => status === 200).length;
    const lost = 1_000 - (await storedSum('term-'));
    addRow({
      fault: 'SIGTERM, 1,000 in flight',
      sent: 1_000,
      as_promised: served,
      served,
      longest_ms: longest,
      lost,
      normal_ms: '',
    });
    expect([served, lost]).toEqual([1_000, 0]);
  });
});

describe('kill -9', () => {
  it('of one of four processes under load loses no acknowledged increment and invents none', async () => {
    const processes = await Promise.all(Array.from({ length: 4 }, () => startFramework('counters', { env })));
    const options = { urls: () => processes.map(({ url }) => url), clients: 40, prefix: 'kill' };
    const load = await underLoad(options, async ({ more }) => {
      await more(2_000);
      await processes[0]?.stop('SIGKILL');
      await more(3_000);
    });
    await Promise.all(processes.slice(1).map((each) => each.stop()));
    const [sent, acknowledged, stored] = [sumOf(load.sent), sumOf(load.acknowledged), await storedSum('kill-')];
    process.stdout.write(
      `\nincrements through kill -9: ${acknowledged} acknowledged ≤ ${stored} stored ≤ ${sent} sent\n`,
    );
    const answered = load.calls.filter(({ status }) => status !== 0);
    addRow({
      fault: 'kill -9 of one of four processes',
      sent: answered.length,
      as_promised: answered.filter(({ asPromised }) => asPromised).length,
      served: answered.length,
      longest_ms: Math.round(Math.max(...answered.map(({ ms }) => ms))),
      lost: Math.max(0, acknowledged - stored),
      normal_ms: '',
    });
    expect(acknowledged).toBeLessThanOrEqual(stored);
    expect(stored).toBeLessThanOrEqual(sent);
  });

  it('in the middle of a refresh leaves the next one to finish the work', async () => {
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
    const normalMs = Math.round(performance.now() - diedAt);
    await second.stop();
    const sent = { fault: 'killed in the middle of a refresh', sent: 3, as_promised: 2, served: 2 };
    addRow({ ...sent, longest_ms: normalMs, lost: 0, normal_ms: normalMs });
    expect(meanwhile.status).toBe(202);
    expect(JSON.parse(answer.body)).toMatchObject({ added: 200 });
    expect(normalMs).toBeLessThan(NORMAL_MS);
  });
});

const connected = (url: string): Promise<net.Socket> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });

describe('clients', () => {
  let api: FrameworkProcess;
  beforeAll(async () => {
    api = await startFramework('api', { env: { ...env, ...patient } });
    await send(`${api.url}/users/1`, {
      method: 'PUT',
      body: { name: 'x'.repeat(200), email: 'a@example.com', age: 1, city: 'x'.repeat(200), height: 1, weight: 1 },
    });
  });
  afterAll(() => api.stop('SIGKILL'));

  const others = async (fault: string, disturb: () => Promise<() => void>): Promise<void> => {
    const end = await disturb();
    const options = { urls: () => [api.url], clients: 20, prefix: fault.replace(/\W/g, '') };
    const load = await underLoad(options, ({ more }) => more(2_000));
    end();
    const asPromised = load.calls.filter(({ asPromised }) => asPromised).length;
    const longest = Math.round(Math.max(...load.calls.map(({ ms }) => ms)));
    const served = load.calls.filter(({ status }) => status === 200).length;
    addRow({
      fault,
      sent: load.calls.length,
      as_promised: asPromised,
      served,
      longest_ms: longest,
      lost: 0,
      normal_ms: '',
    });
    expect(served).toBe(load.calls.length);
    expect(load.longestMs()).toBeLessThan(LONGEST_MS);
  };

  it('with 5,000 open connections keep no other client waiting', () =>
    others('5,000 open connections', async () => {
      const sockets = await Promise.all(Array.from({ length: 5_000 }, () => connected(api.url)));
      return () => sockets.forEach((socket) => void socket.destroy());
    }));

  it('that send a byte a second keep no other client waiting', () =>
    others('500 bodies that never end', async () => {
      const sockets = await Promise.all(Array.from({ length: 500 }, () => connected(api.url)));
      const head =
        'PUT /users/2 HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{';
      for (const socket of sockets) socket.write(head);
      return () => sockets.forEach((socket) => void socket.destroy());
    }));

  it('that hang up in the middle of a body are no fault of ours', async () => {
    const before = api.output().length;
    await others('500 hang-ups in the middle of a body', async () => {
      const sockets = await Promise.all(Array.from({ length: 500 }, () => connected(api.url)));
      const head =
        'PUT /users/2 HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{';
      for (const socket of sockets) socket.write(head, () => socket.resetAndDestroy());
      return () => {};
    });
    expect(api.output().slice(before)).not.toMatch(/ERROR|stack_trace/);
  });

  it('that do not read fill no memory', async () => {
    const before = residentMib(api);
    await others('100 pipelines of 50 requests that are never read', async () => {
      const sockets = await Promise.all(Array.from({ length: 100 }, () => connected(api.url)));
      for (const socket of sockets) {
        socket.pause();
        socket.write('GET /users/1 HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(50));
      }
      return () => sockets.forEach((socket) => void socket.destroy());
    });
    expect(residentMib(api) - before).toBeLessThan(200);
  });
});

describe('memory', () => {
  it(`stays flat over ${REQUESTS} requests`, async () => {
    const api = await startFramework('api', { env, nodeArgs: [COLLECT] });
    const held: number[] = [];
    const resident: number[] = [];
    const load = await underLoad({ urls: () => [api.url], clients: 50, prefix: 'memory' }, async ({ more }) => {
      await more(REQUESTS / 5);
      for (let part = 0; part < 8; part += 1) {
        resident.push(residentMib(api));
        held.push(await heldMib(api));
        await more(REQUESTS / 10);
      }
    });
    held.push(await heldMib(api));
    await api.stop();
    const show = (mib: readonly number[]) => mib.map((each) => each.toFixed(1)).join(', ');
    process.stdout.write(
      `\nover ${load.calls.length} requests held: ${show(held)} MiB; resident: ${show(resident)} MiB\n`,
    );
    expect(Math.max(...held.slice(5)) - Math.max(...held.slice(0, 4))).toBeLessThan(MAX_GROWTH_MIB);
  });
});

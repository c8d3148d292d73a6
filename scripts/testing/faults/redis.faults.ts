import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../../local/framework-process.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';
import { startProxy, type TcpProxy } from '../tcp-proxy.ts';
import { underLoad } from './fault-load.ts';
import { report, rowOf } from './fault-table.ts';

const PASSWORD = 'a-password-of-the-faults';
const ADMIN_PASSWORD = 'an-administrator-of-the-faults';
const CLIENTS = 40;
const LONGEST_MS = 1_500;
const NORMAL_MS = 2_000;

let server: RedisServer;
let proxy: TcpProxy;
let api: FrameworkProcess;

const setPassword = (password: string) => server.admin('ACL', 'SETUSER', 'default', 'resetpass', `>${password}`);
const killClients = () => server.admin('CLIENT', 'KILL', 'USER', 'default');
const config = (name: string, value: string) => server.admin('CONFIG', 'SET', name, value);

const storedBy = (redis: RedisServer) => async (name: string) => {
  const keys = await redis.admin('KEYS', `{counters:*}:${name}`);
  if (!Array.isArray(keys) || keys.length === 0) return 0;
  return Number(await redis.admin('GET', String(keys[0])));
};

beforeAll(async () => {
  const config = { appendonly: 'yes', appendfsync: 'always' };
  server = await startRedis({ password: PASSWORD, adminPassword: ADMIN_PASSWORD, config });
  proxy = await startProxy(server.url);
});
afterAll(async () => {
  await api?.stop('SIGKILL');
  await proxy.stop();
  await server.stop();
  report('Redis, broken under load');
});

const startApi = async (): Promise<void> => {
  api = await startFramework('api', {
    env: {
      REDIS_URL: proxy.url,
      LOG_LEVEL: 'info',
      SENTICRYPT_URL: 'http://127.0.0.1:9/',
    },
  });
};

interface Fault {
  readonly begin: () => unknown;
  readonly lastsMs: number;
  readonly end: () => unknown;
  /** The server that is the primary in the end. */
  readonly primary?: () => RedisServer;
}

const clientsOf = (prefix: string) => ({ urls: () => [api.url], clients: CLIENTS, prefix });

let number = 0;

const endure = async (name: string, { begin, lastsMs, end, primary = () => server }: Fault) => {
  number += 1;
  let dials = 0;
  let endedAt = 0;
  const load = await underLoad(clientsOf(`fault-${number}`), async ({ more }) => {
    await more(500);
    dials = proxy.dials();
    await begin();
    await pause(lastsMs);
    await end();
    endedAt = performance.now();
    await pause(NORMAL_MS);
  });
  const row = await rowOf(name, load, endedAt, storedBy(primary()));
  const broken = load.calls.filter(({ asPromised }) => !asPromised).map(({ status }) => status);
  return { row, broken, dials: proxy.dials() - dials, longestMs: load.longestMs() };
};

describe('Redis', () => {
  it('absent at the start is 503 until it is there', async () => {
    await server.kill();
    await startApi();
    let endedAt = 0;
    const load = await underLoad(clientsOf('fault-0'), async ({ more }) => {
      await more(300);
      await server.restart();
      endedAt = performance.now();
      await pause(NORMAL_MS);
    });
    const row = await rowOf('absent at start', load, endedAt, storedBy(server));
    expect(row).toMatchObject({ as_promised: row.sent, lost: 0 });
    expect(load.longestMs()).toBeLessThan(LONGEST_MS);
    expect(row.normal_ms).toBeLessThan(NORMAL_MS);
  });

  const faults: readonly [name: string, fault: Fault][] = [
    [
      'killed, and started again 1 s later',
      {
        begin: () => server.kill(),
        lastsMs: 1_000,
        end: () => server.restart(),
      },
    ],
    ['stopped for 5 s', { begin: () => server.signal('SIGSTOP'), lastsMs: 5_000, end: () => server.signal('SIGCONT') }],
    [
      'every connection reset, ten times',
      {
        begin: async () => {
          for (let times = 9; times > 0; times -= 1) {
            proxy.resetAll();
            await pause(100);
          }
        },
        lastsMs: 0,
        end: () => proxy.resetAll(),
      },
    ],
    ['300 ms slow', { begin: () => proxy.slowDown(300), lastsMs: 3_000, end: () => proxy.slowDown(0) }],
    ['no byte passes for 3 s', { begin: () => proxy.stall(), lastsMs: 3_000, end: () => proxy.resume() }],
    [
      'its password changed, and changed back',
      {
        begin: async () => {
          await setPassword('another');
          await killClients();
        },
        lastsMs: 1_500,
        end: () => setPassword(PASSWORD),
      },
    ],
    ['full (OOM)', { begin: () => config('maxmemory', '1'), lastsMs: 1_500, end: () => config('maxmemory', '0') }],
    [
      'max number of clients reached',
      {
        begin: async () => {
          await config('maxclients', '1');
          await killClients();
        },
        lastsMs: 1_500,
        end: () => config('maxclients', '10000'),
      },
    ],
    [
      'its scripts flushed',
      { begin: () => server.admin('SCRIPT', 'FLUSH'), lastsMs: 200, end: () => server.admin('SCRIPT', 'FLUSH') },
    ],
    [
      'loading for 2 s',
      {
        begin: async () => {
          await server.admin('BGREWRITEAOF');
          while (!String(await server.admin('INFO', 'persistence')).includes('aof_rewrite_in_progress:0'))
            await pause(20);
          await server.kill();
          const slow = { 'key-load-delay': 2_000, 'loading-process-events-interval-bytes': 1_024 };
          await server.restart(slow, 'loading');
        },
        lastsMs: 0,
        end: async () => {
          while (String(await server.admin('INFO', 'persistence')).includes('loading:1')) await pause(20);
        },
      },
    ],
  ];

  it.each(faults)('%s: answers as promised, loses nothing, is normal soon after', async (name, fault) => {
    const { row, dials, longestMs } = await endure(name, fault);
    expect(row).toMatchObject({ as_promised: row.sent, lost: 0 });
    expect(longestMs).toBeLessThan(LONGEST_MS);
    expect(row.normal_ms).toBeLessThan(NORMAL_MS);
    expect(dials).toBeLessThan(40);
  });

  it('failed over to a replica, the old primary READONLY: only what had not been replicated is lost', async () => {
    const replica = await startRedis({
      password: PASSWORD,
      adminPassword: ADMIN_PASSWORD,
      config: { replicaof: `127.0.0.1 ${server.port}` },
    });
    while (!String(await replica.admin('INFO', 'replication')).includes('master_link_status:up')) await pause(20);
    // The primary sends nothing until it has heard of the replica, once a second.
    await Promise.all([server.admin('SET', 'replicated', 1), server.admin('WAIT', 1, 0)]);
    const { row, broken, longestMs } = await endure('failed over, the old primary READONLY', {
      begin: async () => {
        await replica.admin('REPLICAOF', 'NO', 'ONE');
        await server.admin('REPLICAOF', '127.0.0.1', String(replica.port));
      },
      lastsMs: 700,
      end: () => proxy.retarget(replica.port),
      primary: () => replica,
    });
    await api.stop('SIGKILL');
    await replica.stop();
    proxy.retarget(server.port);
    await server.kill();
    await server.restart();
    await startApi();
    expect(broken).toEqual([]);
    expect(longestMs).toBeLessThan(LONGEST_MS);
    expect(row.normal_ms).toBeLessThan(NORMAL_MS);
  });

  it('has a dead socket after a long freeze of the function: the first request does not notice', async () => {
    await underLoad(clientsOf('frozen'), ({ more }) => more(500));
    api.child.kill('SIGSTOP');
    proxy.stall();
    await pause(6_000);
    proxy.resume();
    const endedAt = performance.now();
    api.child.kill('SIGCONT');
    const after = await underLoad(clientsOf('thawed'), ({ more }) => more(2_000));
    const row = await rowOf('sockets dead after a freeze of 6 s', after, endedAt, storedBy(server));
    expect(row).toMatchObject({ served: row.sent, lost: 0 });
    expect(after.longestMs()).toBeLessThan(LONGEST_MS);
  });

  it('never showed a password in what the function printed', () => {
    expect(api.output()).not.toContain(PASSWORD);
    expect(api.output()).not.toContain(ADMIN_PASSWORD);
  });
});

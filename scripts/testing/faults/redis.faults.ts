import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameworkProcess, startFramework } from '../../local/framework-process.ts';
import { type RedisServer, startRedis } from '../../local/redis-server.ts';
import { startProxy, type TcpProxy } from '../tcp-proxy.ts';
import { outcomeOf, underLoad } from './fault-load.ts';

const PASSWORD = 'a-password-of-the-faults';
const ADMIN_PASSWORD = 'an-administrator-of-the-faults';
const CLIENTS = 40;
const MAX_EXCESS_MS = 1_500;
const RECOVERY_MS = 2_000;

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
});

const startApi = async (): Promise<void> => {
  const env = { REDIS_URL: proxy.url, LOG_LEVEL: 'info', SENTICRYPT_URL: 'http://127.0.0.1:9/' };
  api = await startFramework('api', { env });
};

interface Fault {
  readonly begin: () => unknown;
  readonly lastsMs: number;
  readonly end: () => unknown;
  /** The server that is the primary afterwards. */
  readonly primary?: () => RedisServer;
}

const clientsOf = (prefix: string) => ({ urls: () => [api.url], clients: CLIENTS, prefix });

let loads = 0;

const endure = async ({ begin, lastsMs, end, primary = () => server }: Fault) => {
  loads += 1;
  let dials = 0;
  let endedAt = 0;
  const load = await underLoad(clientsOf(`fault-${loads}`), async (more) => {
    await more(500);
    dials = proxy.dials();
    await begin();
    await pause(lastsMs);
    await end();
    endedAt = performance.now();
    await pause(RECOVERY_MS);
  });
  const outcome = await outcomeOf(load, endedAt, storedBy(primary()));
  expect(outcome.unexpected).toEqual([]);
  expect(outcome.excessMs).toBeLessThan(MAX_EXCESS_MS);
  expect(outcome.recoveryMs).toBeLessThan(RECOVERY_MS);
  return { ...outcome, dials: proxy.dials() - dials };
};

describe('Redis', () => {
  it('absent at the start means 503 until it comes up', async () => {
    await server.kill();
    await startApi();
    const { lost } = await endure({ begin: () => {}, lastsMs: 0, end: () => server.restart() });
    expect(lost).toBe(0);
  });

  const faults: readonly [name: string, fault: Fault][] = [
    ['killed and restarted 1 s later', { begin: () => server.kill(), lastsMs: 1_000, end: () => server.restart() }],
    ['hung for 5 s', { begin: () => server.signal('SIGSTOP'), lastsMs: 5_000, end: () => server.signal('SIGCONT') }],
    [
      'with every connection reset, ten times',
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
    ['slow by 300 ms', { begin: () => proxy.slowDown(300), lastsMs: 3_000, end: () => proxy.slowDown(0) }],
    [
      'behind a network that drops every byte for 3 s',
      { begin: () => proxy.stall(), lastsMs: 3_000, end: () => proxy.resume() },
    ],
    [
      'with its password changed and changed back',
      {
        begin: async () => {
          await setPassword('another');
          await killClients();
        },
        lastsMs: 1_500,
        end: () => setPassword(PASSWORD),
      },
    ],
    ['out of memory', { begin: () => config('maxmemory', '1'), lastsMs: 1_500, end: () => config('maxmemory', '0') }],
    [
      'at its maximum number of clients',
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
      'with its scripts flushed',
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

  it.each(faults)(
    '%s: every answer keeps the contract, no write is lost, and service recovers',
    async (_name, fault) => {
      const { lost, dials } = await endure(fault);
      expect(lost).toBe(0);
      expect(dials).toBeLessThan(40);
    },
  );

  it('failed over to a replica while the old primary is READONLY: every answer keeps the contract', async () => {
    const replica = await startRedis({
      password: PASSWORD,
      adminPassword: ADMIN_PASSWORD,
      config: { replicaof: `127.0.0.1 ${server.port}` },
    });
    while (!String(await replica.admin('INFO', 'replication')).includes('master_link_status:up')) await pause(20);
    // The primary sends nothing until the replica's next acknowledgement, one a second.
    await Promise.all([server.admin('SET', 'replicated', 1), server.admin('WAIT', 1, 0)]);
    await endure({
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
  });

  it('lost its sockets while the function was frozen: not even the first request fails', async () => {
    await underLoad(clientsOf('frozen'), (more) => more(500));
    api.child.kill('SIGSTOP');
    proxy.stall();
    await pause(6_000);
    proxy.resume();
    const endedAt = performance.now();
    api.child.kill('SIGCONT');
    const after = await underLoad(clientsOf('thawed'), (more) => more(2_000));
    const outcome = await outcomeOf(after, endedAt, storedBy(server));
    expect(outcome).toMatchObject({ servedShare: 1, lost: 0 });
    expect(outcome.excessMs).toBeLessThan(MAX_EXCESS_MS);
  });

  it("never has its passwords in the function's output", () => {
    expect(api.output()).not.toContain(PASSWORD);
    expect(api.output()).not.toContain(ADMIN_PASSWORD);
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenOnFreePort } from '../../scripts/local/free-port.ts';
import { type RedisServer, startRedis } from '../../scripts/local/redis-server.ts';
import { type Cluster, startCluster } from '../../scripts/testing/faults/redis-cluster.ts';
import { startScriptedRedis } from '../../scripts/testing/scripted-redis.ts';
import { readConfig } from '../config/config.ts';
import { createRedis, type Redis } from './index.ts';

/* A Redis that lets in whoever has the present token, as Memorystore with IAM does, and a metadata server beside it. */

/** Nothing here is about time. */
const PATIENT = { REDIS_TIMEOUT_MS: '10000', REDIS_CONNECT_TIMEOUT_MS: '10000' };
const HOUR_S = 3_600;
let token = '';
let serial = 0;
let fetches = 0;
let body: () => string;

const metadata = createServer((request, response) => {
  const isRight =
    request.headers['metadata-flavor'] === 'Google' &&
    request.url === '/computeMetadata/v1/instance/service-accounts/default/token';
  fetches += 1;
  response.writeHead(isRight ? 200 : 403, { 'content-type': 'application/json' }).end(body());
});

let host = '';
let nowMs = 0;
let redis: Redis;

const connect = (port: number, env: Readonly<Record<string, string>> = {}): void => {
  const at = { REDISHOST: '127.0.0.1', REDISPORT: String(port), GCE_METADATA_HOST: host, REDIS_IAM: 'true' };
  redis = createRedis(readConfig({ ...at, ...PATIENT, ...env }).redis, () => nowMs);
};

beforeAll(async () => {
  host = `127.0.0.1:${await listenOnFreePort(metadata)}`;
});
afterAll(async () => {
  metadata.closeAllConnections();
  metadata.close();
  await once(metadata, 'close');
});
beforeEach(() => {
  token = `ya29.token-${++serial}`;
  fetches = 0;
  body = () => JSON.stringify({ access_token: token, expires_in: HOUR_S, token_type: 'Bearer' });
});
afterEach(() => redis.close());

type Admin = (...args: readonly string[]) => Promise<unknown>;

/** The token ends at once, everywhere, and all connections with it. */
const rotate = async (admins: readonly Admin[]): Promise<void> => {
  token = `ya29.token-${++serial}`;
  for (const admin of admins) {
    await admin('ACL', 'SETUSER', 'default', 'resetpass', `>${token}`);
    await admin('CLIENT', 'KILL', 'USER', 'default');
  }
};

const read = (key: string) => redis.run((client) => client.get(key), { retry: true });
const ANSWERED = Array.from({ length: 60 }, () => ({ status: 'fulfilled', value: null }));
/** Sixty reads of keys that lie in all parts of a cluster. */
const readAll = () => Promise.allSettled(ANSWERED.map((_, at) => read(`key-${at}`)));

describe('a Redis with IAM', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis({ password: 'none-yet', tls: true });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await rotate([server.admin]);
    connect(server.port, { REDIS_TLS: 'true', REDIS_CA: server.ca ?? '' });
  });

  it('is reached over TLS as the user default, with one token for many dials', async () => {
    for (let dial = 0; dial < 3; dial += 1) {
      expect(await redis.run((client) => client.eval("return redis.call('PING')", { keys: [], arguments: [] }))).toBe(
        'PONG',
      );
      await redis.close();
    }
    expect(fetches).toBe(1);
  });

  it('answers every request while the token changes again and again', async () => {
    for (let change = 0; change < 10; change += 1) {
      expect(await readAll()).toEqual(ANSWERED);
      await rotate([server.admin]);
      expect(await readAll()).toEqual(ANSWERED);
    }
  });

  it('is dialled with a new token shortly before the old one ends, and not refused before', async () => {
    await read('a');
    await redis.close();
    await rotate([server.admin]);
    await server.admin('ACL', 'LOG', 'RESET');
    nowMs += (HOUR_S - 20) * 1_000;
    await read('a');
    expect([fetches, await server.admin('ACL', 'LOG')]).toEqual([2, []]);
  });

  it('goes on over an open connection when its token has ended', async () => {
    await read('a');
    await server.admin('ACL', 'SETUSER', 'default', 'resetpass', '>another');
    nowMs += 2 * HOUR_S * 1_000;
    await expect(read('a')).resolves.toBeNull();
  });

  it.each([
    ['something else', () => '{"access_token":7}'],
    ['no JSON', () => 'ya29.half a token'],
  ])('is redis-unavailable when the metadata server answers %s, and reached by the next request', async (_, wrong) => {
    const right = body;
    body = wrong;
    const error = await read('a').catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'redis-unavailable', cause: { name: 'AccessTokenError' } });
    expect(String(error instanceof Error && error.cause)).not.toContain('ya29');
    body = right;
    await expect(read('a')).resolves.toBeNull();
  });

  it('is redis-unavailable when there is no metadata server', async () => {
    connect(server.port, { GCE_METADATA_HOST: '127.0.0.1:1' });
    await expect(read('a')).rejects.toMatchObject({ code: 'redis-unavailable' });
  });

  it('is dialled once, not twice, when the account may not log in', async () => {
    const scripted = await startScriptedRedis();
    const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    scripted.react(([name, ...args]) => (name === 'HELLO' ? `-WRONGPASS refused: ${args.join(' ')}\r\n` : undefined));
    connect(scripted.port);
    await expect(read('a')).rejects.toMatchObject({ code: 'redis-unavailable' });
    const text = printed.mock.calls.map(([line]) => String(line)).join('');
    printed.mockRestore();
    expect(scripted.dials()).toBe(1);
    expect(text).toContain('refused: 3 AUTH default [hidden]');
    await scripted.stop();
  });
});

describe('a cluster with IAM', () => {
  let cluster: Cluster;
  let admins: readonly Admin[];
  beforeAll(async () => {
    cluster = await startCluster();
    admins = cluster.nodes.map(({ admin }) => admin);
  });
  afterAll(() => cluster.stop());

  it('answers every request while the token changes again and again', async () => {
    await rotate(admins);
    connect(cluster.nodes[0]?.port ?? 0, { REDIS_CLUSTER: 'true' });
    for (let change = 0; change < 10; change += 1) {
      expect(await readAll()).toEqual(ANSWERED);
      await rotate(admins);
      expect(await readAll()).toEqual(ANSWERED);
    }
  });

  it('answers every request when a node is first dialled after the token changed', async () => {
    await rotate(admins);
    connect(cluster.nodes[0]?.port ?? 0, { REDIS_CLUSTER: 'true' });
    await read('key-0');
    await rotate(admins);
    expect(await readAll()).toEqual(ANSWERED);
  });
});

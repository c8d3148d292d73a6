import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../scripts/local/redis-server.ts';
import { createAuthority } from '../../scripts/testing/certificates.ts';
import { startSecretManager } from '../../scripts/testing/secret-manager.ts';
import { readConfig } from '../config/config.ts';
import { createRedis, type Redis } from './index.ts';

/* A Redis with AUTH and TLS as Memorystore has them; only Google's two services are made up. */

const ours = await createAuthority('Ours');
const another = await createAuthority('Another');
/** Memorystore names the address as the common name, and nothing else. */
const certificate = await ours.issue();

/** Nothing here is about time. */
const PATIENT = { REDIS_TIMEOUT_MS: '10000', REDIS_CONNECT_TIMEOUT_MS: '10000' };

let google: Awaited<ReturnType<typeof startSecretManager>>;
let server: RedisServer;
beforeAll(async () => {
  google = await startSecretManager();
  server = await startRedis({ password: 'first', tls: certificate });
});
afterAll(async () => {
  google.stop();
  await server.stop();
});

let redis: Redis;
let nowMs = 0;

const connect = (env: Readonly<Record<string, string>>) => {
  const base = { REDISHOST: '127.0.0.1', REDISPORT: String(server.port), REDIS_TLS: 'true' };
  redis = createRedis(readConfig({ ...base, ...PATIENT, ...env }).redis, () => nowMs);
};

const ping = () => redis.run((client) => client.ping());

beforeEach(() => {
  google.takeAsked();
  google.secrets.password = 'first';
  google.secrets.ca = `${another.certificate}${ours.certificate}`;
});
afterEach(async () => {
  await redis.close();
});

const SECRETS = { REDIS_PASSWORD_SECRET: 'projects/p/secrets/password', REDIS_CA_SECRET: 'projects/p/secrets/ca' };

describe('a Redis with AUTH and TLS', () => {
  it('is reached with the password and the CA list of Secret Manager, each read once', async () => {
    connect(SECRETS);
    await ping();
    await redis.close();
    await ping();
    expect(google.takeAsked()).toEqual(['ca latest:access', 'password latest:access']);
  });

  it('is reached with the settings alone, and then no one asks Secret Manager', async () => {
    connect({ REDISPASS: 'first', REDIS_CA: google.secrets.ca ?? '' });
    await expect(ping()).resolves.toBe('PONG');
    expect(google.takeAsked()).toEqual([]);
  });

  it('is not trusted when another authority signed its certificate', async () => {
    connect({ REDISPASS: 'first', REDIS_CA: another.certificate });
    await expect(ping()).rejects.toMatchObject({ code: 'redis-unavailable' });
  });

  it('is not trusted under another name than its certificate has', async () => {
    connect({ REDISPASS: 'first', REDIS_CA: ours.certificate, REDISHOST: 'localhost' });
    await expect(ping()).rejects.toMatchObject({ code: 'redis-unavailable' });
  });

  it('is redis-unavailable while Secret Manager refuses, and reached once it does not', async () => {
    connect(SECRETS);
    delete google.secrets.password;
    await expect(ping()).rejects.toMatchObject({ code: 'redis-unavailable' });
    google.secrets.password = 'first';
    await expect(ping()).resolves.toBe('PONG');
  });

  it('is reached with a rotated password by the request that meets it', async () => {
    connect(SECRETS);
    await ping();
    await server.admin('ACL', 'SETUSER', 'default', 'resetpass', '>second');
    google.secrets.password = 'second';
    nowMs += 2_000;
    await server.admin('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await expect(redis.run((client) => client.ping(), { retry: true })).resolves.toBe('PONG');
    await server.admin('ACL', 'SETUSER', 'default', 'resetpass', '>first');
  });
});

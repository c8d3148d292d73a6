import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../scripts/local/redis-server.ts';
import { createAuthority } from '../../scripts/testing/certificates.ts';
import { readConfig } from '../config/config.ts';
import { createRedis, type Redis } from './create-redis.ts';

/* A Redis with AUTH and TLS as Memorystore has them; only Google's two services are made up. */

const ours = await createAuthority('Ours');
const another = await createAuthority('Another');
/** Memorystore names the address as the common name, and nothing else. */
const certificate = { ...(await ours.issue({ commonName: '127.0.0.1' })), ca: ours.certificate };

/** Nothing here is about time. */
const PATIENT = { REDIS_TIMEOUT_MS: '10000', REDIS_CONNECT_TIMEOUT_MS: '10000' };

const secrets: Record<string, string> = {};
let asked: string[] = [];

const google = setupServer(
  http.get('http://169.254.169.254/computeMetadata/v1/*', ({ request }) => {
    const headers = { 'metadata-flavor': 'Google' };
    const token = { access_token: 'a', expires_in: 3_600, token_type: 'Bearer' };
    return request.url.includes('/token') ? HttpResponse.json(token, { headers }) : HttpResponse.text('p', { headers });
  }),
  http.get('https://secretmanager.googleapis.com/v1/projects/p/secrets/:name/versions/:version', ({ params }) => {
    const name = String(params.name);
    asked.push(`${name} ${params.version}`);
    const text = secrets[name];
    if (text === undefined) return HttpResponse.json({ error: { code: 403, message: 'denied' } }, { status: 403 });
    return HttpResponse.json({ name, payload: { data: Buffer.from(text).toString('base64') } });
  }),
);

let server: RedisServer;
beforeAll(async () => {
  google.listen();
  // Loaded before, so that a slow machine does not spend Secret Manager's patience on reading its client.
  await import('@google-cloud/secret-manager');
  server = await startRedis({ password: 'first', tls: certificate });
});
afterAll(async () => {
  google.close();
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
  vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present');
  asked = [];
  secrets.password = 'first';
  secrets.ca = `${another.certificate}${ours.certificate}`;
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
    expect(asked.sort()).toEqual(['ca latest:access', 'password latest:access']);
  });

  it('is reached with the settings alone, and then no one asks Secret Manager', async () => {
    connect({ REDISPASS: 'first', REDIS_CA: secrets.ca ?? '' });
    await expect(ping()).resolves.toBe('PONG');
    expect(asked).toEqual([]);
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
    delete secrets.password;
    await expect(ping()).rejects.toMatchObject({ code: 'redis-unavailable' });
    secrets.password = 'first';
    await expect(ping()).resolves.toBe('PONG');
  });

  it('is reached with a rotated password by the request that meets it', async () => {
    connect(SECRETS);
    await ping();
    await server.admin('ACL', 'SETUSER', 'default', 'resetpass', '>second');
    secrets.password = 'second';
    nowMs += 2_000;
    await server.admin('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await expect(redis.run((client) => client.ping(), { retry: true })).resolves.toBe('PONG');
    await server.admin('ACL', 'SETUSER', 'default', 'resetpass', '>first');
  });
});

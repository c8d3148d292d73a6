import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../scripts/local/redis-server.ts';
import { createAuthority } from '../../scripts/testing/certificates.ts';

/* A Redis with AUTH and TLS as Memorystore has them; only Google's two services are made up. */

const ours = createAuthority('Ours');
const another = createAuthority('Another');
/** Memorystore names the address as the common name, and nothing else. */
const certificate = { ...ours.issue({ commonName: '127.0.0.1' }), ca: ours.certificate };

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

let redis: typeof import('./index.ts');

const start = async (env: Readonly<Record<string, string>>) => {
  vi.stubEnv('REDIS_URL', '');
  vi.stubEnv('REDISHOST', '127.0.0.1');
  vi.stubEnv('REDISPORT', String(server.port));
  vi.stubEnv('REDIS_TLS', 'true');
  vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present');
  vi.stubEnv('REDIS_CONNECT_TIMEOUT_MS', '3000');
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.resetModules();
  redis = await import('./index.ts');
};

const ping = () => redis.redis((client) => client.ping());

beforeEach(() => {
  asked = [];
  secrets.password = 'first';
  secrets.ca = `${another.certificate}${ours.certificate}`;
});
afterEach(async () => {
  await redis.closeRedis();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

const SECRETS = { REDIS_PASSWORD_SECRET: 'projects/p/secrets/password', REDIS_CA_SECRET: 'projects/p/secrets/ca' };

describe('a Redis with AUTH and TLS', () => {
  it('is reached with the password and the CA list of Secret Manager, each read once', async () => {
    await start(SECRETS);
    await ping();
    await redis.closeRedis();
    await ping();
    expect(asked.sort()).toEqual(['ca latest:access', 'password latest:access']);
  });

  it('is reached with the settings alone, and then no one asks Secret Manager', async () => {
    await start({ REDISPASS: 'first', REDIS_CA: secrets.ca ?? '' });
    await expect(ping()).resolves.toBe('PONG');
    expect(asked).toEqual([]);
  });

  it('is not trusted when another authority signed its certificate', async () => {
    await start({ REDISPASS: 'first', REDIS_CA: another.certificate });
    await expect(ping()).rejects.toMatchObject({ code: 'redis-unavailable' });
  });

  it('is not trusted under another name than its certificate has', async () => {
    await start({ REDISPASS: 'first', REDIS_CA: ours.certificate, REDISHOST: 'localhost' });
    await expect(ping()).rejects.toMatchObject({ code: 'redis-unavailable' });
  });

  it('is redis-unavailable while Secret Manager refuses, and reached once it does not', async () => {
    await start(SECRETS);
    delete secrets.password;
    await expect(ping()).rejects.toMatchObject({ code: 'redis-unavailable' });
    secrets.password = 'first';
    await expect(ping()).resolves.toBe('PONG');
  });

  it('is reached with a rotated password by the request that meets it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await start(SECRETS);
    await ping();
    await server.admin('ACL', 'SETUSER', 'default', 'resetpass', '>second');
    secrets.password = 'second';
    vi.setSystemTime(Date.now() + 2_000);
    await server.admin('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await expect(redis.redis((client) => client.ping(), { retry: true })).resolves.toBe('PONG');
    await server.admin('ACL', 'SETUSER', 'default', 'resetpass', '>first');
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort, serveHttp } from '../local/free-port.ts';
import { type RedisOptions, type RedisServer, startRedis } from '../local/redis-server.ts';
import { createAuthority } from '../testing/certificates.ts';
import type { Finding } from './finding.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const rowAt = (ms: number) => ({ timestamp: ms / 1_000, btc_price: '50000.5', mean: 0.25 });

const ours = await createAuthority('Ours');
const another = await createAuthority('Another');
const tls = await ours.issue();

let newest = NOW;
let feed: Awaited<ReturnType<typeof serveHttp>>;
beforeAll(async () => {
  feed = await serveHttp((_, response) => response.end(JSON.stringify([rowAt(newest)])));
});
afterAll(() => feed.stop());

let server: RedisServer | undefined;
afterEach(async () => {
  const { closeRedis } = await import('../../shared/redis/index.ts');
  await closeRedis();
  await server?.stop();
  server = undefined;
  newest = NOW;
  vi.unstubAllEnvs();
});

type Settings = Readonly<Record<string, string>>;

/** What the doctor finds wrong with these settings, and a Redis started with these options. */
const faults = async (settings: Settings, redis?: RedisOptions, gcloud?: Readonly<Record<string, unknown>>) => {
  server = redis === undefined ? undefined : await startRedis(redis);
  const port = String(server?.port ?? (await freePort()));
  const base = { REDIS_URL: '', REDISHOST: '127.0.0.1', REDISPORT: port, SENTICRYPT_URL: `${feed.url}/rows` };
  for (const [name, value] of Object.entries({ ...base, ...settings })) vi.stubEnv(name, value);
  vi.resetModules();
  const { diagnose } = await import('./diagnose.ts');
  const answer = async (...args: readonly string[]) => JSON.stringify(gcloud?.[args.slice(0, 2).join(' ')] ?? []);
  const cloud = { project: 'p', gcloud: answer };
  const findings: Finding[] = [];
  for await (const finding of diagnose(NOW, gcloud && cloud)) findings.push(finding);
  return findings.filter(({ level }) => level !== 'ok').map(({ what }) => what);
};

const store = (maxclients: number): RedisOptions => ({ config: { 'maxmemory-policy': 'volatile-ttl', maxclients } });
const healthy = store(10_000);
const EMPTY = 'No sample of the feed senticrypt is stored';

describe('the doctor reports', () => {
  it.each<[string, Settings, RedisOptions | undefined, string]>([
    ['an invalid setting', { REDIS_TLS: 'maybe' }, undefined, 'REDIS_TLS'],
    ['a host that does not exist', { REDISHOST: 'redis.invalid' }, undefined, 'There is no host named redis.invalid'],
    ['a port where nothing listens', {}, undefined, 'Nothing listens at 127.0.0.1'],
    ['missing TLS', { REDISPASS: 'x' }, { tls, password: 'x' }, 'The server uses TLS, but TLS is not set'],
    ['TLS that the server does not use', { REDIS_TLS: 'true' }, {}, 'TLS is set, but the server does not use it'],
    [
      'a wrong CA',
      { REDIS_TLS: 'true', REDIS_CA: another.certificate },
      { tls },
      'The certificate was signed by an untrusted CA',
    ],
    [
      'a certificate for another host',
      { REDIS_TLS: 'true', REDIS_CA: ours.certificate, REDISHOST: 'localhost' },
      { tls },
      'The certificate is not for localhost',
    ],
    ['a wrong password', { REDISPASS: 'old' }, { password: 'new' }, 'Redis refuses the password'],
    [
      'a password that Redis does not need',
      { REDISPASS: 'x' },
      healthy,
      'A password is set, but Redis accepts clients',
    ],
    ['a missing password', {}, { password: 'new' }, 'Redis needs a password, and none is set'],
    ['a client limit below the instance caps', {}, store(40), 'The functions’ instance caps allow'],
    [
      'an eviction policy that evicts users',
      {},
      { config: { 'maxmemory-policy': 'allkeys-lru' } },
      'A full Redis evicts any key',
    ],
    [
      'cluster mode against a single node',
      { REDIS_CLUSTER: 'true' },
      healthy,
      'REDIS_CLUSTER is set, but this is a single node',
    ],
    [
      'an unreachable feed',
      { SENTICRYPT_URL: 'http://127.0.0.1:1/rows' },
      healthy,
      'The feed senticrypt cannot be used',
    ],
  ])('%s', async (_, settings, redis, wanted) => {
    expect(await faults(settings, redis)).toContainEqual(expect.stringContaining(wanted));
  });

  it('a server that is not Redis', async () => {
    const found = await faults({ REDISPORT: new URL(feed.url).port });
    expect(found).toContain('Something answers, but it is not Redis');
  });

  it('a frozen feed, with its age', async () => {
    newest = NOW - 5 * 3_600_000;
    expect(await faults({}, healthy)).toContain('The feed senticrypt is frozen: its newest row is 5 hours old');
  });

  it('stale stored data', async () => {
    await faults({}, healthy);
    const { storeSamples } = await import('../../shared/domain/bitcoin/samples.ts');
    await storeSamples('senticrypt', [{ timeMs: NOW - 3_600_000, price: 1, sentiment: 0 }]);
    const { dataFinding } = await import('./check-feed.ts');
    const { config } = await import('../../shared/config/config.ts');
    expect((await dataFinding(config(), NOW)).what).toBe(
      'The stored data is stale: its newest sample is 60 minutes old',
    );
  });

  const inEurope = {
    'redis instances': [{ name: 'projects/p/locations/europe-west1/instances/r', host: '127.0.0.1' }],
    'redis clusters': [
      {
        name: 'projects/p/locations/europe-west1/clusters/r',
        discoveryEndpoints: [
          { address: '127.0.0.2', port: 6378, pscConfig: { network: 'projects/p/global/networks/n' } },
        ],
      },
    ],
    'memorystore instances': [
      {
        name: 'projects/p/locations/europe-west1/instances/v',
        endpoints: [{ connections: [{ pscAutoConnection: { ipAddress: '127.0.0.3', port: 6379 } }] }],
      },
    ],
    'run services': [{ metadata: { name: 'refresh', labels: { 'cloud.googleapis.com/location': 'us-central1' } } }],
  };

  it.each<[string, Settings]>([
    ['an instance', {}],
    ['a cluster', { REDIS_CLUSTER: 'true', REDISHOST: '127.0.0.2' }],
    ['Valkey', { REDISHOST: '127.0.0.3' }],
  ])('functions in a different region from %s', async (_, settings) => {
    const found = await faults(settings, undefined, inEurope);
    expect(found).toContain('Redis is in europe-west1, but refresh is in us-central1');
  });

  it('the address of a cluster when REDIS_CLUSTER is not set', async () => {
    const found = await faults({ REDISHOST: '127.0.0.2' }, undefined, inEurope);
    expect(found).toContain('No Memorystore instance of p has the address 127.0.0.2');
  });

  it('nothing but the empty store when all is well', async () => {
    expect(await faults({}, healthy)).toEqual([EMPTY]);
  });
});

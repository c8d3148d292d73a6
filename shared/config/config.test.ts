import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { functionTarget } from './function-target.ts';

describe('the settings', () => {
  it('all have defaults', () => {
    expect(readConfig({})).toMatchObject({
      redis: { host: '127.0.0.1', port: 6379, tls: false, cluster: false, timeoutMs: 500, connectTimeoutMs: 500 },
      feed: 'senticrypt',
      feedTimeoutMs: 10_000,
      sampleRetentionDays: 7,
      summaryTtlSeconds: 120,
      rateLimitPerMinute: 600,
      trustedProxyHops: 1,
      corsOrigins: [],
      logLevel: 'info',
    });
  });

  it('count as not set when they are empty', () => {
    expect(readConfig({ REDIS_URL: '', REDISHOST: '10.0.0.3' }).redis.host).toBe('10.0.0.3');
  });

  it('take host, port, user, password, database and TLS from REDIS_URL', () => {
    expect(readConfig({ REDIS_URL: 'rediss://bob:p%40ss@[::1]:6378/2' }).redis).toMatchObject({
      host: '::1',
      port: 6378,
      username: 'bob',
      password: 'p@ss',
      database: 2,
      tls: true,
    });
  });

  it('have the origin of each function', () => {
    const { functionUrls } = readConfig({ FUNCTION_URLS: 'items=https://a.example, cache=https://b.example/' });
    expect([...functionUrls]).toEqual([
      ['items', 'https://a.example'],
      ['cache', 'https://b.example'],
    ]);
  });

  it('have the CORS origins as a list', () => {
    const { corsOrigins } = readConfig({ CORS_ORIGINS: 'https://a.example, https://b.example:8443' });
    expect(corsOrigins).toEqual(['https://a.example', 'https://b.example:8443']);
  });

  const wrong: readonly [env: Record<string, string>, line: string][] = [
    [{ REDISPORT: '0' }, 'REDISPORT is "0"; it must be an integer from 1 to 65535'],
    [{ REDIS_TIMEOUT_MS: '1e3' }, 'REDIS_TIMEOUT_MS is "1e3"; it must be an integer from 1 to 60000'],
    [{ FEED: 'reuters' }, 'FEED is "reuters"; it must be senticrypt or kraken'],
    [{ REDIS_TLS: 'perhaps' }, 'REDIS_TLS is "perhaps"; it must be true or false'],
    [{ SENTICRYPT_URL: 'ftp://x' }, 'SENTICRYPT_URL is a value not shown here; it must be an http:// or https:// URL'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud"; it must be debug, info, warn or error'],
    [{ CORS_ORIGINS: 'example.com' }, 'CORS_ORIGINS is a value not shown here; it must be origins such as'],
    [
      { REDIS_PASSWORD_SECRET: 'pass' },
      'REDIS_PASSWORD_SECRET is a value not shown here; it must be projects/PROJECT/secrets/NAME',
    ],
    [
      { REDIS_URL: 'redis://h', REDISHOST: 'h' },
      'REDISHOST is a value not shown here; it must be left out when REDIS_URL is set',
    ],
    [{ FUNCTION_URLS: 'docs' }, 'FUNCTION_URLS is a value not shown here; it must be NAME=URL pairs'],
    [{ REDIS_URL: 'redis://h/1', REDIS_CLUSTER: 'true' }, 'it must be without a logical database'],
    [
      { REDIS_URL: 'redis://:50%zz@h' },
      'REDIS_URL is a value not shown here; it must be redis://USER:PASSWORD@HOST:PORT',
    ],
    [{ REDIS_URL: 'redis://' }, 'REDIS_URL is a value not shown here; it must be redis://USER:PASSWORD@HOST:PORT'],
    [
      { REDISHOST: '10.0.0.3:6379' },
      'REDISHOST is a value not shown here; it must be a host name or an address, without a port',
    ],
    [{ REDIS_IAM: 'true', REDISPASS: 'x' }, 'REDISPASS is a value not shown here; it must be left out when REDIS_IAM'],
    [{ REDIS_IAM: 'true', REDIS_URL: 'redis://:x@h' }, 'it must be without credentials when REDIS_IAM is true'],
    [
      { REDIS_IAM: 'true', REDIS_PASSWORD_SECRET: 'projects/p/secrets/s' },
      'REDIS_PASSWORD_SECRET is a value not shown here; it must be left out when REDIS_IAM is true',
    ],
    [
      { GCE_METADATA_HOST: 'http://h' },
      'GCE_METADATA_HOST is a value not shown here; it must be a host name or an address, optionally with :PORT',
    ],
    [
      { KRAKEN_URL: 'https://me:pass@h' },
      'KRAKEN_URL is a value not shown here; it must be an http:// or https:// URL without',
    ],
    [{ REDISPORT: 'correct-horse' }, 'REDISPORT is a value not shown here; it must be an integer from 1 to 65535'],
    [{ PORT: 'abc' }, 'PORT is "abc"; it must be an integer from 1 to 65535'],
    [{ REDIS_CA_SECRET: 'projects/p/secrets/ca' }, 'REDIS_TLS is not set; it must be true when a CA is given'],
  ];
  it.each(wrong)('refuse %o with one line that names the setting', (env, line) => {
    expect(() => readConfig(env)).toThrow(line);
    expect(() => readConfig(env)).not.toThrow('\n');
  });

  it.each([{ REDIS_URL: 'http://:hunter2@h' }, { REDIS_URL: 'redis://:hunter2@h', REDISPASS: 'hunter2' }])(
    'never show a secret',
    (env) => {
      expect(() => readConfig(env)).toThrow(/^REDIS(_URL|PASS) is a value not shown here/);
      expect(() => readConfig(env)).not.toThrow('hunter2');
    },
  );
});

describe('the function target', () => {
  it('comes from --target in either form, else from FUNCTION_TARGET', () => {
    const env = { FUNCTION_TARGET: 'cache' };
    expect(functionTarget(['node', 'ff', '--target=items'], env)).toBe('items');
    expect(functionTarget(['node', 'ff', '--target', 'items', '--port', '1'], env)).toBe('items');
    expect(functionTarget(['node', 'ff'], env)).toBe('cache');
    expect(functionTarget(['node', 'ff'], {})).toBe('function');
  });
});

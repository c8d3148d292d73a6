import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';

/* In a process of its own: what another test loaded must not count. */
const PROGRAM = `
  import { createRequire } from 'node:module';
  const { manifest } = await import('./functions/manifest.ts');
  const { redis, closeRedis } = await import('./shared/redis/index.ts');
  await redis((client) => client.ping()).catch(() => {});
  await closeRedis();
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  console.log(JSON.stringify(loaded.filter((file) => /secret-manager|google-gax|grpc|google-auth/.test(file)).length));
  process.exit(manifest.length > 0 ? 0 : 1);
`;

const modulesOfGoogle = async (settings: Readonly<Record<string, string>>): Promise<number> => {
  const args = ['--input-type=module', '--eval', PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...settings } });
  return Number(stdout.trim().split('\n').at(-1));
};

it('loads nothing of Secret Manager, gRPC or Google’s authentication when no secret is configured', async () => {
  expect(await modulesOfGoogle({ REDIS_URL: inject('redisServers')[0]?.url ?? '' })).toBe(0);
});

it('loads it when one is, at the first dial', async () => {
  const secret = { REDIS_PASSWORD_SECRET: 'projects/p/secrets/password', METADATA_SERVER_DETECTION: 'none' };
  expect(await modulesOfGoogle({ REDIS_URL: '', REDISHOST: '127.0.0.1', ...secret })).toBeGreaterThan(10);
});

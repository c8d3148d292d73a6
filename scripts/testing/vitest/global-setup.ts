import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { startRedis } from '../../local/redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers as the product sees them, one for each worker. */
    redisUrls: readonly string[];
    /** The same servers with all rights. */
    redisAdminUrls: readonly string[];
  }
}

/**
 * A throw-away Redis for each worker: logical databases would keep keys apart, but not what is published, nor scripts,
 * nor statistics. Tests and what they test come as a user who may do what Memorystore allows.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const password = randomBytes(12).toString('hex');
  const workers = Array.from({ length: project.config.maxWorkers });
  const servers = await Promise.all(workers.map(() => startRedis({ password })));
  project.provide(
    'redisUrls',
    servers.map(({ url }) => url),
  );
  project.provide(
    'redisAdminUrls',
    servers.map(({ adminUrl }) => adminUrl),
  );
  return async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
}

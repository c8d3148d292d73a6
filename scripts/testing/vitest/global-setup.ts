import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { startRedis } from '../../local/redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** One server per worker: its URL for clients, and for the admin user. */
    redisServers: readonly { readonly url: string; readonly adminUrl: string }[];
  }
}

/**
 * Starts a throw-away Redis per worker. Logical databases would separate keys, but not channels, scripts or statistics.
 * Tests and the code under test connect as a user with the rights that Memorystore grants.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const password = randomBytes(12).toString('hex');
  const workers = Array.from({ length: project.config.maxWorkers });
  const servers = await Promise.all(workers.map(() => startRedis({ password })));
  const urls = servers.map(({ url, adminUrl }) => ({ url, adminUrl }));
  project.provide('redisServers', urls);
  return async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
}

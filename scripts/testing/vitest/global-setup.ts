import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { startRedis } from '../../local/redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server for each worker, as the product sees it and with all rights. */
    redisServers: readonly { readonly url: string; readonly adminUrl: string }[];
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
  const urls = servers.map(({ url, adminUrl }) => ({ url, adminUrl }));
  project.provide('redisServers', urls);
  return async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
}

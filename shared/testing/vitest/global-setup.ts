import type { TestProject } from 'vitest/node';
import { REFUSED_COMMANDS } from '../memorystore.ts';
import { startRedis } from '../redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Without a database: each worker has its own. */
    redisUrl: string;
  }
}

/** More workers than any machine has: one logical database each, and database 0 for none of them. */
const DATABASES = 256;

/**
 * One throw-away Redis for the whole run. Tests and what they test come as a user who may do what Memorystore allows;
 * at the end the server's own statistics must show no command that it refuses, and no KEYS.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await startRedis({ config: { databases: DATABASES } });
  project.provide('redisUrl', server.url);
  return async () => {
    const statistics = String(await server.admin('INFO', 'commandstats'));
    await server.stop();
    const rejected = [...statistics.matchAll(/cmdstat_([a-z]+)\S*rejected_calls=[1-9]/g)].map(([, name]) => name ?? '');
    const refused = rejected.filter((name) => REFUSED_COMMANDS.some((each) => each === name));
    if (refused.length === 0) return;
    process.exitCode = 1;
    throw new Error(`these commands are not allowed on Memorystore, and were tried: ${refused.join(', ')}`);
  };
}

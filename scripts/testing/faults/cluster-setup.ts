import { startCluster } from './redis-cluster.ts';

/** Starts one cluster for all test files, which inherit this environment. */
export default async function setUp(): Promise<() => Promise<void>> {
  const cluster = await startCluster();
  process.env.REDIS_URL = cluster.nodes[0]?.url;
  process.env.REDIS_CLUSTER = 'true';
  // These tests do not measure speed.
  process.env.REDIS_TIMEOUT_MS = '3000';
  process.env.REDIS_CONNECT_TIMEOUT_MS = '3000';
  return cluster.stop;
}

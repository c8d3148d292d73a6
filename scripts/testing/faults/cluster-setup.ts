import type { TestProject } from 'vitest/node';
import { startCluster } from './redis-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A node of the cluster that all test files share. */
    clusterUrl: string;
  }
}

/** Starts one cluster for all test files. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster();
  project.provide('clusterUrl', `redis://127.0.0.1:${cluster.nodes[0]?.port}`);
  return () => cluster.stop();
}

import type { TestProject } from 'vitest/node';
import { startCluster } from './redis-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** One node of the cluster of the whole run. */
    clusterUrl: string;
  }
}

/** One cluster for the whole run. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster();
  project.provide('clusterUrl', `redis://127.0.0.1:${cluster.nodes[0]?.port}`);
  return () => cluster.stop();
}

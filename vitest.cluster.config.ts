import { defineConfig } from 'vitest/config';

/** The contract on a Redis Cluster: the tests of the functions and of the domain, as they are. */
export default defineConfig({
  test: {
    include: ['functions/*/**/*.test.ts', 'shared/domain/**/*.test.ts', 'scripts/testing/faults/*.cluster.ts'],
    globalSetup: ['scripts/testing/faults/cluster-setup.ts'],
    setupFiles: ['scripts/testing/faults/cluster-env.ts'],
    reporters: ['default', './scripts/testing/vitest/count-reporter.ts'],
    silent: 'passed-only',
    clearMocks: true,
    unstubEnvs: true,
    // A cluster has no logical databases, so the files take turns.
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** Test processes load much of the same code. Node caches it compiled, as `npm start` does. */
process.env.NODE_COMPILE_CACHE ??= '.cache/compiled';

/** Without `--project` only `tests` runs, so that `npx vitest run PATH` does not run each file on a cluster as well. */
const isChosen = process.argv.some((word) => word.startsWith('--project'));

/** Tests mostly wait, so a few workers more than there are cores keep every core busy. */
const maxWorkers = availableParallelism() + 2;

/** Only stops tests that hang. Far above what a busy machine needs, so no test depends on these times. */
const timeouts = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } };
const common = { clearMocks: true, unstubEnvs: true, ...timeouts };

const projects: TestProjectInlineConfiguration[] = [
  {
    test: {
      ...common,
      name: 'tests',
      maxWorkers,
      // One process runs many files. setup.ts gives each file fresh modules of the project.
      isolate: false,
      include: ['{functions,shared,scripts,infra}/**/*.test.ts'],
      globalSetup: ['scripts/testing/vitest/global-setup.ts'],
      setupFiles: ['scripts/testing/vitest/setup.ts'],
    },
  },
  {
    // The compiler, the linter, gcloud's parser and axe, applied to what this project generates. Seconds per test.
    test: { ...timeouts, name: 'tools', include: ['scripts/**/*.tools.ts'] },
  },
  {
    // The tests of the functions and the domain, on a Redis Cluster.
    test: {
      ...common,
      fileParallelism: false,
      name: 'cluster',
      include: ['functions/*/**/*.test.ts', 'shared/domain/**/*.test.ts', 'scripts/testing/faults/*.cluster.ts'],
      globalSetup: ['scripts/testing/faults/cluster-setup.ts'],
    },
  },
  {
    // Fault injection. Each file needs the machine to itself.
    test: {
      ...timeouts,
      fileParallelism: false,
      name: 'faults',
      include: ['scripts/testing/faults/*.faults.ts'],
      testTimeout: 400_000,
    },
  },
];

export default defineConfig({
  test: {
    reporters: ['default', './scripts/testing/vitest/count-reporter.ts'],
    // The functions' logs matter only when a test fails.
    silent: 'passed-only',
    maxWorkers,
    projects: isChosen ? projects : projects.slice(0, 1),
  },
});

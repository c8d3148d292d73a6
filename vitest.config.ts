import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** A file of tests is a process that loads much of what the last one did: Node keeps it compiled, as for `npm start`. */
process.env.NODE_COMPILE_CACHE ??= '.cache/compiled';

/** Without `--project` there are only the tests, so that `npx vitest run PATH` does not run them on a cluster as well. */
const isChosen = process.argv.some((word) => word.startsWith('--project'));

/** Much of a test is waiting, so that one more than there are cores keeps all of them busy. */
const maxWorkers = availableParallelism() + 1;

/** Files that take turns. */
const inTurn = { fileParallelism: false };
/** Nets against what hangs, far from what a busy machine needs: no test is about these times. */
const patience = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } };
const common = { clearMocks: true, unstubEnvs: true, ...patience };

const projects: TestProjectInlineConfiguration[] = [
  {
    test: {
      ...common,
      name: 'tests',
      maxWorkers,
      // One process serves many files, and reads the project's modules again for each: see setup.ts.
      isolate: false,
      include: ['{functions,shared,scripts,infra}/**/*.test.ts'],
      globalSetup: ['scripts/testing/vitest/global-setup.ts'],
      setupFiles: ['scripts/testing/vitest/setup.ts'],
    },
  },
  {
    // What the compiler, the linter, gcloud's parser and axe say of what this project makes: seconds each.
    test: { ...patience, name: 'tools', include: ['scripts/**/*.tools.ts'] },
  },
  {
    // The contract on a Redis Cluster, which has no logical databases: the tests of the functions and the domain.
    test: {
      ...common,
      ...inTurn,
      name: 'cluster',
      include: ['functions/*/**/*.test.ts', 'shared/domain/**/*.test.ts', 'scripts/testing/faults/*.cluster.ts'],
      globalSetup: ['scripts/testing/faults/cluster-setup.ts'],
      setupFiles: ['scripts/testing/faults/cluster-env.ts'],
    },
  },
  {
    // What is broken on purpose: each fault needs the machine for itself.
    test: {
      ...patience,
      ...inTurn,
      name: 'faults',
      include: ['scripts/testing/faults/*.faults.ts'],
      testTimeout: 400_000,
    },
  },
];

export default defineConfig({
  test: {
    reporters: ['default', './scripts/testing/vitest/count-reporter.ts'],
    // What the functions log is of interest where a test fails.
    silent: 'passed-only',
    maxWorkers,
    projects: isChosen ? projects : projects.slice(0, 1),
  },
});

import { defineConfig } from 'vitest/config';

/** What is broken on purpose, one after the other: each needs the machine for itself. */
export default defineConfig({
  test: {
    include: ['scripts/testing/faults/*.faults.ts'],
    fileParallelism: false,
    reporters: ['default', './scripts/testing/vitest/count-reporter.ts'],
    testTimeout: 400_000,
    hookTimeout: 60_000,
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{functions,shared,scripts,infra}/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    globalSetup: ['scripts/testing/vitest/global-setup.ts'],
    setupFiles: ['scripts/testing/vitest/setup.ts'],
    reporters: ['default', './scripts/testing/vitest/count-reporter.ts'],
    // What the functions log is of interest where a test fails.
    silent: 'passed-only',
    clearMocks: true,
    unstubEnvs: true,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});

import { inject, vi } from 'vitest';

/** Settings of the developer's machine. Tests must not depend on them, nor empty the Redis that they name. */
const SETTINGS =
  /^(REDIS|FEED|SENTICRYPT_|KRAKEN_|SAMPLE_|SUMMARY_|RATE_|TRUSTED_|CORS_|LOG_|PORT$|FUNCTION_|K_|GOOGLE_)/;

// Otherwise Vitest would undo the stubs of the previous file's last test in the middle of this file.
vi.unstubAllEnvs();

for (const name of Object.keys(process.env)) if (SETTINGS.test(name)) delete process.env[name];

process.env.REDIS_URL = inject('redisServers')[Number(process.env.VITEST_POOL_ID) - 1]?.url;

// A late answer on a busy machine is still correct. Tests about timeouts set their own.
process.env.REDIS_TIMEOUT_MS = '10000';
process.env.REDIS_CONNECT_TIMEOUT_MS = '10000';

// This process may have run other files. Each file gets the project's modules without their state.
vi.resetModules();

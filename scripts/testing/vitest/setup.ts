import { inject, vi } from 'vitest';

/** What is set on the machine that runs the tests must not change what they see, and its Redis must not be emptied. */
const SETTINGS =
  /^(REDIS|FEED|SENTICRYPT_|KRAKEN_|SAMPLE_|SUMMARY_|RATE_|TRUSTED_|CORS_|LOG_|PORT$|FUNCTION_|K_|GOOGLE_)/;

// What the last test of the file before replaced would be put back in the middle of this one.
vi.unstubAllEnvs();

for (const name of Object.keys(process.env)) if (SETTINGS.test(name)) delete process.env[name];

process.env.REDIS_URL = inject('redisServers')[Number(process.env.VITEST_POOL_ID) - 1]?.url;

// Nothing is about time unless a test says so: where the machine is busy, an answer comes late and is still right.
process.env.REDIS_TIMEOUT_MS = '10000';
process.env.REDIS_CONNECT_TIMEOUT_MS = '10000';

// The process that reads this has served other files: each gets modules of the project without their state.
vi.resetModules();

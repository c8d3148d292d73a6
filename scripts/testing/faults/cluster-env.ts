import { inject } from 'vitest';

process.env.REDIS_URL = inject('clusterUrl');
process.env.REDIS_CLUSTER = 'true';
// These tests do not measure speed.
process.env.REDIS_TIMEOUT_MS = '3000';
process.env.REDIS_CONNECT_TIMEOUT_MS = '3000';

import { inject } from 'vitest';

process.env.REDIS_URL = inject('clusterUrl');
process.env.REDIS_CLUSTER = 'true';
// How fast this machine is, is not the question here.
process.env.REDIS_TIMEOUT_MS = '3000';
process.env.REDIS_CONNECT_TIMEOUT_MS = '3000';

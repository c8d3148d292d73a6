import { inject } from 'vitest';

process.env.REDIS_URL = inject('clusterUrl');
process.env.REDIS_CLUSTER = 'true';

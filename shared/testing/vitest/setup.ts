import { inject } from 'vitest';

/* Every worker has a logical database of its own, so that files can run side by side and flush what is theirs. */
process.env.REDIS_URL ??= `${inject('redisUrl')}/${process.env.VITEST_POOL_ID ?? 1}`;

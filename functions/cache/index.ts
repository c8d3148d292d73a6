import { defineFunction } from '../../shared/http/function.ts';
import { batchRoutes } from './batch-routes.ts';
import { entryRoutes } from './entry-routes.ts';

/** What an application needs of Memcache. */
export const cache = defineFunction({
  name: 'cache',
  summary: 'Keep values for a while, as with Memcache',
  access: 'private',
  limited: false,
  deploy: { memory_mib: 512 },
  routes: [...entryRoutes, ...batchRoutes],
});

import type { commonRoutes } from '../shared/http/common-routes.ts';
import { bitcoinEvents } from './bitcoin-events/index.ts';
import { cache } from './cache/index.ts';
import { control } from './control/index.ts';
import { counters } from './counters/index.ts';
import { docs } from './docs/index.ts';
import { isBitcoinLit } from './is-bitcoin-lit/index.ts';
import { items } from './items/index.ts';
import { refresh } from './refresh/index.ts';
import { userRead } from './user-read/index.ts';
import { userWrite } from './user-write/index.ts';

/** Every deployed function, in the order a reader meets them. All else is made from this list. */
export const manifest = [
  userRead,
  userWrite,
  refresh,
  isBitcoinLit,
  bitcoinEvents,
  counters,
  cache,
  items,
  control,
  docs,
];

/** Every route, for `createClient<Api>`. */
export type Api = (typeof manifest)[number]['routes'][number] | (typeof commonRoutes)[number];

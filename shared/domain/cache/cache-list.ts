import { hash } from 'node:crypto';
import * as z from 'zod';
import { Problem } from '../../problems/problem.ts';
import { type Client, redis } from '../../redis/index.ts';
import { nextCursor, paging } from '../documents/paging.ts';
import { cacheKey, fromRedisKey, toPattern } from './stored-entry.ts';

/** Limits of one call, so that Redis is never blocked for long: SCAN commands, and the COUNT of each. */
const MAX_STEPS = 20;
const MAX_COUNT = 1_000;

export const keyListQuery = z.strictObject({
  prefix: z.string().max(250).default('').meta({ description: 'Only keys that start with this, taken literally' }),
  limit: paging.limit,
  cursor: paging.cursor,
});
export const keyPage = z
  .strictObject({ keys: z.array(cacheKey), next_cursor: nextCursor })
  .meta({ id: 'CacheKeyPage' });

/**
 * A position in the listing: before step `cursor` of SCAN on primary number `node` of `nodes`. SCAN returns whole hash
 * buckets, and one may have more keys than fit on the page. Then the first `skip` of its sorted keys have been listed,
 * and `skippedHash` is their hash.
 */
interface Position {
  readonly nodes: number;
  readonly node: number;
  readonly cursor: string;
  readonly skip: number;
  readonly skippedHash: string;
}

const CURSOR = /^(\d{1,4})-(\d{1,4})-(\d{1,20})-(\d{1,6})-([\w-]{0,27})$/;
const MAX_SCAN_CURSOR = 2n ** 64n - 1n;

const encode = ({ nodes, node, cursor, skip, skippedHash }: Position): string =>
  Buffer.from([nodes, node, cursor, skip, skippedHash].join('-')).toString('base64url');

const decode = (text: string, nodes: number): Position => {
  const [, ofNodes, node = '', cursor = '', skip, skippedHash = ''] =
    CURSOR.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  const isValid = Number(ofNodes) === nodes && Number(node) < nodes && BigInt(cursor || 0) <= MAX_SCAN_CURSOR;
  if (isValid) return { nodes, node: Number(node), cursor, skip: Number(skip), skippedHash };
  const message = 'Not a cursor of this list, or the cluster has changed; start again without a cursor';
  throw new Problem('invalid-request', `query.cursor: ${message}`, { errors: [{ path: 'query.cursor', message }] });
};

const hashOf = (keys: readonly string[]): string => hash('sha1', keys.join('\0'), 'base64url');

/** How many of a step's sorted keys have been listed: none if they have changed since. */
const keysToSkip = (sorted: readonly string[], { skip, skippedHash }: Position): number =>
  skip > 0 && hashOf(sorted.slice(0, skip)) === skippedHash ? skip : 0;

const after = (position: Position, cursor: string): Position | undefined => {
  const fresh = { ...position, cursor, skip: 0, skippedHash: '' };
  if (cursor !== '0') return fresh;
  return position.node + 1 < position.nodes ? { ...fresh, node: position.node + 1 } : undefined;
};

/**
 * A page of the keys that start with `prefix`, in no order. Any page may have fewer than `limit` keys, even none, because
 * the work of one call is limited, however many other keys there are. A key that exists all the time is listed at least
 * once, possibly twice, unless Redis fails over in between.
 * @throws Problem invalid-request for an invalid cursor, redis-unavailable
 */
export const listKeys = ({ prefix, limit, cursor }: z.infer<typeof keyListQuery>): Promise<z.infer<typeof keyPage>> =>
  redis(
    async (_, { primaries }) => {
      const clients = await primaries();
      const pattern = toPattern(prefix);
      const start = { nodes: clients.length, node: 0, cursor: '0', skip: 0, skippedHash: '' };
      let position: Position | undefined = cursor === undefined ? start : decode(cursor, clients.length);
      let count = limit;
      const keys = new Set<string>();
      for (let step = 0; step < MAX_STEPS && position !== undefined && keys.size < limit; step += 1) {
        const scanned: number = position.skip > 0 ? 1 : count;
        const reply: Awaited<ReturnType<Client['scan']>> | undefined = await clients[position.node]?.scan(
          position.cursor,
          {
            MATCH: pattern,
            COUNT: scanned,
          },
        );
        const sorted: string[] = [...new Set(reply?.keys)].sort();
        const skipped = keysToSkip(sorted, position);
        const found = sorted.length - skipped;
        const room = limit - keys.size;
        if (found <= room || scanned === 1) {
          for (const key of sorted.slice(skipped, skipped + room)) keys.add(key);
          const skip = skipped + room;
          position =
            found <= room
              ? after(position, reply?.cursor ?? '0')
              : { ...position, skip, skippedHash: hashOf(sorted.slice(0, skip)) };
        }
        // Fewer when the page cannot hold what was found, more when nothing was.
        const fitting = found === 0 ? scanned * 4 : Math.floor((scanned * (limit - keys.size)) / found);
        count = Math.min(Math.max(fitting, 1), MAX_COUNT);
      }
      return { keys: [...keys].map(fromRedisKey), next_cursor: position === undefined ? null : encode(position) };
    },
    { retry: true },
  );

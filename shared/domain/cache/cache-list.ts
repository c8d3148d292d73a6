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
 * buckets, and one may have more keys than fit on the page. Then the first `given` of its sorted keys have been listed,
 * and `mark` is their hash.
 */
interface Place {
  readonly nodes: number;
  readonly node: number;
  readonly cursor: string;
  readonly given: number;
  readonly mark: string;
}

const CURSOR = /^(\d{1,4})-(\d{1,4})-(\d{1,20})-(\d{1,6})-([\w-]{0,27})$/;
const MAX_SCAN_CURSOR = 2n ** 64n - 1n;

const encode = ({ nodes, node, cursor, given, mark }: Place): string =>
  Buffer.from([nodes, node, cursor, given, mark].join('-')).toString('base64url');

const decode = (text: string, nodes: number): Place => {
  const [, ofNodes, node = '', cursor = '', given, mark = ''] =
    CURSOR.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  const isGood = Number(ofNodes) === nodes && Number(node) < nodes && BigInt(cursor || 0) <= MAX_SCAN_CURSOR;
  if (isGood) return { nodes, node: Number(node), cursor, given: Number(given), mark };
  const message = 'Not a cursor of this list, or the cluster has changed; start again without a cursor';
  throw new Problem('invalid-request', `query.cursor: ${message}`, { errors: [{ path: 'query.cursor', message }] });
};

const markOf = (keys: readonly string[]): string => hash('sha1', keys.join('\0'), 'base64url');

/** How many of a step's sorted keys have been listed: none if they have changed since. */
const listedOf = (sorted: readonly string[], { given, mark }: Place): number =>
  given > 0 && markOf(sorted.slice(0, given)) === mark ? given : 0;

const after = (place: Place, cursor: string): Place | undefined => {
  const fresh = { ...place, cursor, given: 0, mark: '' };
  if (cursor !== '0') return fresh;
  return place.node + 1 < place.nodes ? { ...fresh, node: place.node + 1 } : undefined;
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
      const start = { nodes: clients.length, node: 0, cursor: '0', given: 0, mark: '' };
      let place: Place | undefined = cursor === undefined ? start : decode(cursor, clients.length);
      let count = limit;
      const listed = new Set<string>();
      for (let step = 0; step < MAX_STEPS && place !== undefined && listed.size < limit; step += 1) {
        const asked: number = place.given > 0 ? 1 : count;
        const reply: Awaited<ReturnType<Client['scan']>> | undefined = await clients[place.node]?.scan(place.cursor, {
          MATCH: pattern,
          COUNT: asked,
        });
        const sorted: string[] = [...new Set(reply?.keys)].sort();
        const skipped = listedOf(sorted, place);
        const found = sorted.length - skipped;
        const room = limit - listed.size;
        if (found <= room || asked === 1) {
          for (const key of sorted.slice(skipped, skipped + room)) listed.add(key);
          const given = skipped + room;
          place =
            found <= room
              ? after(place, reply?.cursor ?? '0')
              : { ...place, given, mark: markOf(sorted.slice(0, given)) };
        }
        const fitting = found === 0 ? asked * 4 : Math.floor((asked * (limit - listed.size)) / found);
        count = Math.min(Math.max(fitting, 1), MAX_COUNT);
      }
      return { keys: [...listed].map(fromRedisKey), next_cursor: place === undefined ? null : encode(place) };
    },
    { retry: true },
  );

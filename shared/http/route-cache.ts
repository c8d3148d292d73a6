import { hash } from 'node:crypto';
import * as z from 'zod';
import type { Codec, Found, KeepAnswers, Plan } from '../hooks.ts';
import { etagOf } from '../stored-text.ts';
import type { Answer } from './answer.ts';
import type { Call, Step } from './call.ts';

/** How the answers of a GET are cached in Redis, for all instances. Only a 200 with text of up to 1 MiB is cached. */
export interface CacheRule {
  /** How long an answer is fresh, 1–86,400. */
  readonly seconds: number;
  /** How long it is served stale beyond that, while one caller renews it, 0–86,400; 0 by default. */
  readonly staleSeconds?: number;
  /** Request headers, in lower case, that the answer depends on beside the route's input. */
  readonly vary?: readonly string[];
  /** What the answer is made of: a write with one of these tags empties the cache. `emptiedTag` declares a tag. */
  readonly tags?: readonly string[];
}

const keptHead = z.object({ headers: z.record(z.string(), z.string()), etag: z.string() });

/** A line with the answer's headers, then its body. */
const codec: Codec<Answer> = {
  print: ({ status, headers = {}, etag, body }) =>
    status === 200 && typeof body === 'string' ? `${JSON.stringify({ headers, etag })}\n${body}` : undefined,
  parse: (text) => {
    const end = text.indexOf('\n');
    return { status: 200, ...keptHead.parse(JSON.parse(text.slice(0, end))), body: text.slice(end + 1) };
  },
};

/** RFC 9211. A hit with a negative `ttl` is stale, and another caller is renewing it. */
const cacheStatus = {
  stored: 'fwd=miss; stored',
  renewed: 'fwd=stale; stored',
  shared: 'fwd=miss; collapsed',
  passed: 'fwd=miss',
} as const;

const planOf = ({ match: { route, owner }, request: { headers } }: Call, rule: CacheRule, input: unknown): Plan => {
  const { vary = [], seconds, staleSeconds = 0, tags = [] } = rule;
  const parts = [route.path, input, ...vary.map((name) => headers[name] ?? null)];
  return {
    // No other key has this prefix, and the hash keeps input out of it.
    key: `kept:{${hash('sha256', JSON.stringify(parts), 'base64url')}}`,
    seconds,
    staleSeconds,
    tags,
    needsRedis: owner?.needsRedis ?? true,
  };
};

const withEtag = (answer: Answer, vary: readonly string[]): Answer => {
  const { body, etag, headers } = answer;
  if (typeof body !== 'string') return answer;
  const named = vary.length > 0 && { vary: vary.join(', ') };
  return { ...answer, headers: { ...named, ...headers }, etag: etag ?? etagOf(body) };
};

const tell = ({ value, how, ageMs }: Found<Answer>, { seconds }: Plan): Answer => {
  const age = Math.floor(ageMs / 1_000);
  const told = how === 'hit' ? `hit; ttl=${seconds - age}` : cacheStatus[how];
  const headers = { ...value.headers, 'cache-status': `redis; ${told}`, ...(how === 'hit' && { age: String(age) }) };
  return { ...value, headers };
};

/** Runs the route, unless its answer is cached. */
export const runRoute = (keep: KeepAnswers | undefined): Step => {
  if (keep === undefined) return (call) => call.match.route.run(call);
  const find = keep(codec);
  return (call) => {
    const { route } = call.match;
    const { cache } = route;
    if (cache === undefined) return route.run(call);
    return route.run(call, async (input, compute) => {
      const plan = planOf(call, cache, input);
      return tell(await find(plan, async () => withEtag(await compute(), cache.vary ?? [])), plan);
    });
  };
};

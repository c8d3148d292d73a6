import { compileCache } from '../build/compile-cache.ts';
import { frameworkCommand } from '../local/framework-process.ts';
import type { ServerSpec } from './machine.ts';

type Env = Readonly<Record<string, string>>;

const BASELINES = 'scripts/bench/baselines';

/** A deployed function: `dist/`, as `npm run build` makes it, with the compile cache that every deployment uses. */
export const ours = (target: string, redisUrl: string, env: Env = {}): ServerSpec => ({
  args: frameworkCommand(target),
  env: { REDIS_URL: redisUrl, RATE_LIMIT_PER_MINUTE: '0', ...compileCache('.'), ...env },
});

/** The stock framework with its hello-world function. */
export const hello: ServerSpec = { args: frameworkCommand('hello', `${BASELINES}/hello-package`), readyPath: '/' };

/** The stock framework with a function as most people would write it. */
export const naive = (target: string, redisUrl: string): ServerSpec => ({
  args: frameworkCommand(target, `${BASELINES}/naive.js`),
  env: { REDIS_URL: redisUrl },
});

/** A standalone baseline. Its file says what it does and what it leaves out. */
export const baseline = (
  name: 'fastify' | 'hono' | 'ceiling' | 'bare-write',
  redisUrl: string,
  env: Env = {},
): ServerSpec => ({
  args: [`${BASELINES}/${name}.js`],
  env: { REDIS_URL: redisUrl, ...env },
});

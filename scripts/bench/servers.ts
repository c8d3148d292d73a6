import { compileCache } from '../build/compile-cache.ts';
import { frameworkCommand } from '../local/framework-process.ts';
import type { ServerSpec } from './machine.ts';

/*
 * Who is compared. All are started the same way and with the same settings; the stock ones by the framework's own
 * command, as its quickstart has it.
 */

const BASELINES = 'scripts/bench/baselines';

export interface Where {
  readonly redisPort: number;
  /** RATE_LIMIT_PER_MINUTE; 0 is off. */
  readonly limit?: number;
}

const envOf = ({ redisPort, limit = 0 }: Where) => ({
  REDIS_URL: `redis://127.0.0.1:${redisPort}`,
  RATE_LIMIT_PER_MINUTE: String(limit),
});

/** What is deployed: `dist/`, as `npm run build` makes it, with the settings that every function is deployed with. */
export const ours = (target: string, where: Where): ServerSpec => ({
  args: frameworkCommand(target),
  env: { ...envOf(where), ...compileCache('.') },
});

export const hello = (): ServerSpec => ({
  args: frameworkCommand('hello', `${BASELINES}/hello-package`),
  ready: '/',
});

/** The stock framework with a function that most people would write. */
export const naive = (target: string, where: Where): ServerSpec => ({
  args: frameworkCommand(target, `${BASELINES}/naive.js`),
  env: envOf(where),
});

/** What a careful user of another framework writes. */
export const peer = (name: 'fastify' | 'hono', where: Where): ServerSpec => ({
  args: [`${BASELINES}/${name}.js`],
  env: envOf(where),
});

/** node:http and the one command that `command` holds, or a fixed text without one, and nothing else. */
export const ceiling = (where: Where, command?: readonly string[]): ServerSpec => ({
  args: [`${BASELINES}/ceiling.js`],
  env: { ...envOf(where), ...(command && { COMMAND: JSON.stringify(command) }) },
});

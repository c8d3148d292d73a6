import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { manifest } from '../functions/manifest.ts';
import { config, readConfig } from '../shared/config/config.ts';
import { refresh } from '../shared/domain/bitcoin/refresh.ts';
import { Problem } from '../shared/problems/problem.ts';
import { closeRedis } from '../shared/redis/index.ts';
import { startConsole } from './console/start-console.ts';
import { banner } from './local/banner.ts';
import { openDebugger, startFramework } from './local/framework-process.ts';
import { messageOf } from './local/message-of.ts';
import { whenNpmIsKilled } from './local/processes.ts';
import { provideFeed, provideRedis } from './local/provisions.ts';
import { readEnvFile } from './local/read-arguments.ts';
import { createSchedule } from './local/schedule.ts';
import { readOptions, type StartOptions, USAGE } from './local/start-options.ts';
import { byLine, formatLogLine } from './local/terminal/format-log.ts';
import { startWatched } from './local/watch/watched-server.ts';
import { seedUsers } from './seed.ts';

/* `npm start`: the whole stack on this machine, until Ctrl-C. */

const running: (() => unknown)[] = [];
let ending: Promise<never> | undefined;

const stopAll = async (): Promise<void> => {
  for (const stop of running.splice(0).reverse()) await stop();
};

/** Stops everything in reverse order and exits. Only the first call has an effect. */
const end = (status: number): Promise<never> => {
  ending ??= stopAll().then(
    () => process.exit(status),
    () => process.exit(1),
  );
  return ending;
};

const assertPortIsFree = async (port: number): Promise<void> => {
  const probe = createServer();
  try {
    await once(probe.listen(port), 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const problem = code === 'EADDRINUSE' ? 'is already in use' : `cannot be used (${code})`;
    throw new Error(`Port ${port} ${problem}. Choose another: npm start -- --port=8081`);
  }
  await once(probe.close(), 'close');
};

/** @throws Error that names the setting if its Redis cannot be used */
const seed = async (): Promise<number> => {
  try {
    return await seedUsers();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const setting = process.env.REDIS_URL ? 'REDIS_URL' : 'REDISHOST';
    const { host, port } = config().redis;
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Error(`${setting}: cannot use the Redis at ${host}:${port} (${cause}). Try \`npm run doctor\`.`);
  }
};

/** A function that shows samples but does not fetch them gets some to show. */
const refreshOnce = async ({ schedule, target }: StartOptions): Promise<string> => {
  if (!schedule || !['is-bitcoin-lit', 'bitcoin-events'].includes(target)) return 'none; call POST /refresh yourself';
  try {
    const result = await refresh();
    return `${result?.received ?? 0} rows received, ${result?.added ?? 0} new; once, because ${target} runs alone`;
  } catch (error) {
    return `failed: ${messageOf(error)}`;
  }
};

const REQUEST_LOG = pathToFileURL(join(import.meta.dirname, 'local', 'terminal', 'request-log.ts')).href;

const serve = async ({ target, port, watch, inspect }: StartOptions, env: Readonly<Record<string, string>>) => {
  const isTerminal = process.stdout.isTTY;
  const options = {
    port,
    // `production` stops the framework from printing its own URL. Ours are in the banner.
    env: { NODE_ENV: 'production', DEVELOPMENT: 'true', ...env, ...(isTerminal && { REQUEST_LOG: 'terminal' }) },
    nodeArgs: [
      ...(isTerminal || env.CONSOLE_SOCKET ? [`--import=${REQUEST_LOG}`] : []),
      ...(inspect ? ['--inspect-port=9229'] : []),
    ],
    print: isTerminal
      ? byLine((line) => console.log(formatLogLine(line)))
      : (text: string) => void process.stdout.write(text),
  };
  if (watch) return startWatched(target, { ...options, inspect });
  const server = await startFramework(target, options);
  if (inspect) openDebugger(server);
  return server;
};

const start = async (): Promise<void> => {
  readEnvFile();
  const options = readOptions(process.argv.slice(2), process.env, manifest);
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const { port, target } = options;
  readConfig(process.env);
  await assertPortIsFree(port);
  const feed = await provideFeed(options);
  running.push(feed.stop);
  const redis = await provideRedis(options);
  running.push(redis.stop);
  config();
  const written = await seed();
  const refreshed = await refreshOnce(options);
  await closeRedis();

  const url = `http://localhost:${port}`;
  const servesRefresh = ['api', 'refresh'].includes(target);
  const isScheduled = options.schedule && servesRefresh;
  const schedule = createSchedule(url);
  const parts = { schedule, servesRefresh, isScheduled, redis: redis.own, feed: feed.own };
  const page = options.console ? await startConsole(options, parts) : undefined;
  if (page !== undefined) running.push(page.stop);
  const server = await serve(options, page?.env ?? {});
  running.push(server.stop, schedule.stop);
  const functions = manifest.filter(({ name }) => ['api', name].includes(target));
  const text = banner(url, target, functions, {
    console: page?.url ?? 'none (--no-console)',
    redis: redis.name,
    feed: feed.name,
    users: written === 0 ? 'the sample users already exist' : `${written} sample users written`,
    refresh: isScheduled ? await schedule.start() : refreshed,
  });
  console.log(text);
  await end(Number(await server.ended) || 0);
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(0));
whenNpmIsKilled(() => end(0));

start().catch((error) => {
  if (ending === undefined) console.error(messageOf(error));
  return end(1);
});

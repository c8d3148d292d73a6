import { once } from 'node:events';
import { createServer } from 'node:net';
import { manifest } from '../functions/manifest.ts';
import { config, readConfig } from '../shared/config/config.ts';
import { closeRedis } from '../shared/redis/index.ts';
import { banner } from './local/banner.ts';
import { startFramework } from './local/framework-process.ts';
import { startMadeUpFeed } from './local/made-up-feed.ts';
import { startRedis } from './local/redis-server.ts';
import { startSchedule } from './local/schedule.ts';
import { whenLauncherIsGone } from './local/start-launcher.ts';
import { readOptions } from './local/start-options.ts';
import { seedUsers } from './seed.ts';

/* `npm start`: the whole stack on this machine, ended by Ctrl-C as a whole. */

const WATCHED = ['--watch-path=functions', '--watch-path=shared', '--watch-preserve-output'];

type Stop = () => Promise<unknown> | unknown;
const running: Stop[] = [];
let ending: Promise<never> | undefined;

const stopAll = async (status: number): Promise<never> => {
  try {
    for (const stop of running.splice(0).reverse()) await stop();
    return process.exit(status);
  } catch {
    return process.exit(1);
  }
};

/** Ends all that was started, the last first, and then this command: once, whoever asks first. */
const end = (status: number): Promise<never> => {
  ending ??= stopAll(status);
  return ending;
};

const assertPortIsFree = async (port: number): Promise<void> => {
  const probe = createServer();
  try {
    await once(probe.listen(port), 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const problem = code === 'EADDRINUSE' ? 'is taken. Stop what runs there, or' : `cannot be used (${code});`;
    throw new Error(`Port ${port} ${problem} choose another: npm start -- --port=8081`);
  }
  probe.close();
  await once(probe, 'close');
};

/** The Redis of the settings, else one that lives as long as this command. @returns what to call it */
const provideRedis = async (): Promise<string> => {
  if (process.env.REDIS_URL || process.env.REDISHOST) {
    const { host, port } = config().redis;
    return `yours, at ${host}:${port}`;
  }
  const server = await startRedis();
  running.push(server.stop);
  process.env.REDIS_URL = server.url;
  return `throw-away, empty at each start: ${server.description}, ${server.url}`;
};

/** The feed that was asked for, else one made up here. @returns what to call it, saying so when it is made up */
const provideFeed = async ({ live, feed }: { live: boolean; feed?: string | undefined }): Promise<string> => {
  process.env.FEED = feed ?? (process.env.FEED || (live ? 'kraken' : 'senticrypt'));
  const setting = process.env.FEED === 'kraken' ? 'KRAKEN_URL' : 'SENTICRYPT_URL';
  if (process.env[setting]) return `${process.env.FEED}, from ${process.env[setting]}`;
  if (live) return `${process.env.FEED}, the real one`;
  const made = await startMadeUpFeed();
  running.push(made.stop);
  process.env.SENTICRYPT_URL = made.senticryptUrl;
  process.env.KRAKEN_URL = made.krakenUrl;
  return `MADE UP here, in the form of ${process.env.FEED}: the last 24 hours, no real prices (--live for real ones)`;
};

const start = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2), process.env.PORT, manifest);
  readConfig(process.env);
  await assertPortIsFree(options.port);
  const feed = await provideFeed(options);
  const redis = await provideRedis();
  config();
  const written = await seedUsers();
  await closeRedis();

  // `production` keeps the framework from printing an address of its own; ours are in the banner.
  const server = await startFramework(options.target, {
    port: options.port,
    env: { NODE_ENV: 'production' },
    ...(options.watch && { nodeArgs: WATCHED }),
    print: (text) => process.stdout.write(text),
  });
  running.push(server.stop);
  const url = `http://localhost:${options.port}`;
  const isScheduled = options.schedule && ['api', 'refresh'].includes(options.target);
  const refreshed = isScheduled
    ? await startSchedule(url, (stop) => running.push(stop))
    : 'none; POST /refresh yourself';
  const functions = manifest.filter(({ name }) => options.target === 'api' || options.target === name);
  console.log(banner({ url, functions, target: options.target, redis, feed, written, refreshed }));
  // When it ends without being told to, this command has nothing left to serve.
  await end(Number(await server.ended) || 0);
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(0));
whenLauncherIsGone(() => end(0));

start().catch((error) => {
  if (ending === undefined) console.error(error instanceof Error ? error.message : error);
  return end(1);
});

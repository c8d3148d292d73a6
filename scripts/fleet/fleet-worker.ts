import { AsyncLocalStorage } from 'node:async_hooks';
import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../../shared/config/config.ts';
import { createRedis, type Redis } from '../../shared/redis/index.ts';
import { order, type Word } from './fleet-workers.ts';

/* Some instances of the fleet: each a client of its own, as the functions have it, with requests at random times. */

const TICK_MS = 250;
const KEYS = 64;

/** `isServed`: answered since Redis was back. */
const UNSERVED = { dials: 0, isServed: false, lastRefusedMs: 0 };
type Instance = typeof UNSERVED & { readonly redis: Redis };

const instances: Instance[] = [];
const current = new AsyncLocalStorage<Instance>();
let skippedMs = 0;
/** An instance is frozen only while it has no request. */
let isIdle = false;
let backAt = Number.POSITIVE_INFINITY;
const NOTHING = { answered: 0, refused: 0, longestMs: 0 };
let sum = { ...NOTHING };
let tick = { dials: 0, failures: 0 };

const say = (words: Word): void => {
  process.send?.(words);
};

/** Counts every attempt to connect to Redis, including those that never reach a server. */
const countDials = (metadataPort: number): void => {
  const isMetadata = (part: unknown) =>
    typeof part === 'object' && part !== null && 'port' in part && Number(part.port) === metadataPort;
  const connect = new Proxy(Socket.prototype.connect, {
    apply: (target, socket, args) => {
      const instance = current.getStore();
      if (instance !== undefined && ![args].flat(2).some(isMetadata)) {
        tick.dials += 1;
        if (!instance.isServed) instance.dials += 1;
      }
      return Reflect.apply(target, socket, args);
    },
  });
  Reflect.set(Socket.prototype, 'connect', connect);
};

const request = async (instance: Instance): Promise<void> => {
  const key = `fleet-${Math.floor(Math.random() * KEYS)}`;
  const startedAt = performance.now();
  try {
    await instance.redis.run((client) => client.set(key, '1'), { retry: true });
    sum.answered += 1;
    instance.isServed ||= startedAt >= backAt;
  } catch {
    sum.refused += 1;
    tick.failures += 1;
    instance.lastRefusedMs = Math.max(0, performance.now() - backAt);
  }
  sum.longestMs = Math.max(sum.longestMs, performance.now() - startedAt);
};

/** Requests at random times do not wait for one another, as on a real instance. */
const live = async (instance: Instance, rate: number): Promise<never> => {
  for (;;) {
    if (!isIdle) void current.run(instance, () => request(instance));
    await pause((-Math.log(1 - Math.random()) * 1_000) / rate);
  }
};

process.on('message', async (message) => {
  const given = order.parse(message);
  switch (given.do) {
    case 'start': {
      const settings = readConfig(given.env).redis;
      countDials(Number(settings.metadataHost.split(':')[1]));
      backAt = performance.now();
      for (let at = 0; at < given.instances; at += 1) {
        const instance = { redis: createRedis(settings, () => Date.now() + skippedMs), ...UNSERVED };
        instances.push(instance);
        void pause(Math.random() * given.overMs).then(() => live(instance, given.rate));
      }
      break;
    }
    case 'fault':
      backAt = Number.POSITIVE_INFINITY;
      sum = { ...NOTHING };
      for (const instance of instances) Object.assign(instance, UNSERVED);
      break;
    case 'back':
      backAt = performance.now();
      isIdle = false;
      break;
    case 'skip':
      isIdle = given.isIdle;
      skippedMs += given.ms;
      break;
    case 'report':
      say({ do: 'report', ...sum, instances: instances.map(({ redis: _, ...counts }) => counts) });
  }
});
process.on('disconnect', () => process.exit());

setInterval(() => {
  say({ do: 'tick', ...tick });
  tick = { dials: 0, failures: 0 };
}, TICK_MS);

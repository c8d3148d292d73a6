import { AsyncLocalStorage } from 'node:async_hooks';
import { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../../shared/config/config.ts';
import { createRedis, type Redis } from '../../shared/redis/index.ts';
import { order, type Tick } from './fleet-workers.ts';

/* A process that runs some of the instances. Each has its own Redis client, the same as in the functions. */

const TICK_MS = 250;
const KEYS = 64;

const NO_COUNTS = { answered: 0, refused: 0, longestMs: 0 };
const UNSERVED = { dials: 0, isServed: false, lastRefusedMs: 0 };
type Instance = typeof UNSERVED & { readonly redis: Redis };

const instances: Instance[] = [];
const stalls = monitorEventLoopDelay({ resolution: 10 });
const current = new AsyncLocalStorage<Instance>();
let counts = { ...NO_COUNTS };
let recent = { dials: 0, failures: 0 };
let skippedMs = 0;
let isIdle = false;
let backAt = Number.POSITIVE_INFINITY;

/** Counts every attempt to connect to Redis, even one that never reaches a server. */
const countDials = (metadataPort: number): void => {
  const isMetadata = (part: unknown) =>
    typeof part === 'object' && part !== null && 'port' in part && Number(part.port) === metadataPort;
  const connect = new Proxy(Socket.prototype.connect, {
    apply: (target, socket, args) => {
      const instance = current.getStore();
      if (instance !== undefined && ![args].flat(2).some(isMetadata)) {
        recent.dials += 1;
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
    counts.answered += 1;
    instance.isServed ||= startedAt >= backAt;
  } catch {
    counts.refused += 1;
    recent.failures += 1;
    instance.lastRefusedMs = Math.max(0, performance.now() - backAt);
  }
  counts.longestMs = Math.max(counts.longestMs, performance.now() - startedAt);
};

/** Sends requests at random times. As in a real instance, they do not wait for one another. */
const live = async (instance: Instance, rate: number): Promise<never> => {
  for (;;) {
    if (!isIdle) void current.run(instance, () => request(instance));
    await pause((-Math.log(1 - Math.random()) * 1_000) / rate);
  }
};

const send = (tick: Tick): void => {
  process.send?.(tick);
  recent = { dials: 0, failures: 0 };
};

process.on('message', (message) => {
  const given = order.parse(message);
  switch (given.do) {
    case 'start': {
      const settings = readConfig(given.env).redis;
      countDials(Number(settings.metadataHost.split(':')[1]));
      backAt = performance.now();
      for (let started = 0; started < given.instances; started += 1) {
        const instance = { redis: createRedis(settings, () => Date.now() + skippedMs), ...UNSERVED };
        instances.push(instance);
        void pause(Math.random() * given.overMs).then(() => live(instance, given.rate));
      }
      break;
    }
    case 'fault':
      backAt = Number.POSITIVE_INFINITY;
      counts = { ...NO_COUNTS };
      stalls.reset();
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
      send({
        ...recent,
        report: {
          ...counts,
          stallMs: stalls.max / 1e6,
          instances: instances.map(({ redis: _, ...own }) => own),
        },
      });
  }
});
process.on('disconnect', () => process.exit());

stalls.enable();
setInterval(() => send(recent), TICK_MS);

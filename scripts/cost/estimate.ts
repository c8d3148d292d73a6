import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { manifest } from '../../functions/manifest.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import { balancer, build, connector, HOURS, idle, images, logs, redis, run, SECONDS } from './prices.ts';

const amount = z.coerce.number<string>().nonnegative();

/** An installation and its traffic, as the options of `npm run cost`. */
export const plan = z.object({
  'requests-per-day': amount.default(10_000),
  /** Average number of open is-bitcoin-lit pages. Each holds an event stream. */
  'open-pages': amount.default(0),
  'releases-per-month': amount.default(20),
  size: z.enum(['production', 'development']).default('production'),
  egress: z.enum(['connector', 'direct']).default('connector'),
  machine: z.enum(['e2-micro', 'f1-micro', 'e2-standard-4']).optional(),
  redis: z.enum(['instance', 'cluster', 'valkey', 'valkey-cluster', 'external']).default('instance'),
  'memory-gb': amount.default(1),
  shards: amount.default(3),
  domain: z.boolean().default(false),
});
export type Plan = z.infer<typeof plan>;

const DAYS = SECONDS / 86_400;
const GIB = 1024 ** 3;
/** A response with its headers. The two log lines of a request are as long. */
const BYTES_PER_REQUEST = 2_000;
/** One vCPU is half a core of the bench's machine, and an instance should be busy for at most two thirds of its time. */
const VCPU_FACTOR = 2 / (2 / 3);
/** Most of it is spent waiting for the feed. */
const REFRESH_SECONDS = 1;
const REFRESHES_PER_DAY = 1_440;
/** Eight minutes of checks, and about three for each function. The functions build in parallel, but each is billed. */
const BUILD_MINUTES = 8 + 3 * manifest.length;
const IMAGE_GIB = 0.15;
const IMAGES_KEPT = 10;

const isStream = ({ name }: FunctionDefinition): boolean => name === 'bitcoin-events';
const isRefresh = ({ name }: FunctionDefinition): boolean => name === 'refresh';

const sumOf = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0);

/**
 * Billed seconds of instance time in a month. A request is billed a step of 100 ms, unless it falls into a step that is
 * billed already. At low traffic that is rare, at high traffic almost certain; beyond that, CPU time sets the number.
 */
const billedSeconds = (definition: FunctionDefinition, chosen: Plan, cpuMicroseconds: number): number => {
  if (isRefresh(definition)) return REFRESHES_PER_DAY * REFRESH_SECONDS * DAYS;
  if (isStream(definition)) return Math.ceil(chosen['open-pages'] / definition.deploy.concurrency) * SECONDS;
  const perSecond =
    chosen['requests-per-day'] / 86_400 / manifest.filter((other) => !isRefresh(other) && !isStream(other)).length;
  const overlapping = 1 - Math.exp(-perSecond * run.stepSeconds);
  return SECONDS * Math.max(overlapping, (perSecond * cpuMicroseconds * VCPU_FACTOR) / 1_000_000);
};

const redisPerHour = (chosen: Plan): readonly [dollars: number, why: string] => {
  const { redis: kind, size, 'memory-gb': memoryGb, shards } = chosen;
  const isProduction = size === 'production';
  if (kind === 'external') return [0, 'someone else pays for it'];
  if (kind === 'instance') {
    const gib = isProduction ? redis.standardGib : redis.basicGib;
    return [memoryGb * gib, `${memoryGb} GiB ${isProduction ? 'in two zones' : 'in one zone'}`];
  }
  const nodes = (kind === 'valkey' ? 1 : shards) * (isProduction ? 2 : 1);
  const large = kind === 'valkey' ? redis.standardSmall : redis.highmemMedium;
  return [nodes * (isProduction ? large : redis.sharedCoreNano), `${nodes} nodes of ${kind}`];
};

/** How to pay less for the largest part. */
const ADVICE = {
  Redis: 'a smaller redis_kind or redis_memory_gb; committed use takes 20 to 40 % off',
  connector: 'egress = "direct" costs nothing; connector_machine_type = "e2-micro" where traffic is light',
  requests: 'a CDN in front of the public routes: domain',
  'CPU of requests': 'deploy api as one service, so that overlapping requests share an instance; or use a CDN',
  'memory of requests': 'memory_mib in the deploy settings of the functions',
  'open event streams': 'leave bitcoin-events out: the page then polls once a minute',
  'idle instances': 'min_instances: 0',
  'load balancer': 'do not set domain',
  'traffic to the internet': 'send If-None-Match, because a 304 has no body',
  builds: 'release less often',
  logs: 'an exclusion filter for request logs of status 200',
  images: 'keep fewer in the cleanup policy',
} as const;

const README = 'scripts/bench/README.md';

/** The mean CPU time of one request, in microseconds, from the bench's published figures. */
export const benchCpuMicroseconds = (): number => {
  const rows = [...readFileSync(README, 'utf8').matchAll(/CPU of one request\s*\|\s*([\d.]+) µs/g)];
  if (rows.length === 0) throw new Error(`${README} has no row "CPU of one request": run npm run bench`);
  return sumOf(rows, ([, figure]) => Number(figure)) / rows.length;
};

/**
 * What an installation costs per month, part by part.
 * @param cpuMicroseconds CPU time of one request
 */
export const estimate = (chosen: Plan, cpuMicroseconds = benchCpuMicroseconds()) => {
  const {
    'open-pages': openPages,
    size,
    egress,
    machine = size === 'production' ? 'e2-standard-4' : 'e2-micro',
    domain,
  } = chosen;
  const part = (what: keyof typeof ADVICE, price: { isConfirmed: boolean }, dollars: number, why: string) => {
    return { what, dollars, why, isConfirmed: price.isConfirmed, advice: ADVICE[what] };
  };
  const billed = (definitions: readonly FunctionDefinition[]) => {
    const deployed = definitions.map((it) => ({ ...it.deploy, seconds: billedSeconds(it, chosen, cpuMicroseconds) }));
    return {
      vcpuSeconds: sumOf(deployed, ({ seconds, cpu }) => seconds * cpu),
      gibSeconds: sumOf(deployed, ({ seconds, memory_mib }) => (seconds * memory_mib) / 1_024),
    };
  };
  const over = (used: number, free: number): number => Math.max(0, used - free);
  const format = (value: number) => Math.round(value).toLocaleString('en');

  const reconnects = sumOf(manifest.filter(isStream), ({ deploy }) => (openPages * 86_400) / deploy.timeout_seconds);
  const requests = (chosen['requests-per-day'] + REFRESHES_PER_DAY + reconnects) * DAYS;
  const sentGib = (requests * BYTES_PER_REQUEST) / GIB;
  const sent = `${sentGib.toFixed(1)} GiB`;
  const streams = billed(manifest.filter(isStream));
  const streaming = streams.vcpuSeconds * run.vcpuSecond + streams.gibSeconds * run.gibSecond;
  const { vcpuSeconds: vcpu, gibSeconds: gib } = billed(manifest.filter((it) => !isStream(it)));
  const idling = sumOf(
    manifest,
    ({ deploy }) =>
      deploy.min_instances * (deploy.cpu * idle.vcpuSecond + (deploy.memory_mib / 1_024) * idle.gibSecond) * SECONDS,
  );
  const connecting = egress === 'connector' ? 2 * HOURS * connector[machine] : 0;
  const balancing = domain ? balancer.hour * HOURS + balancer.gib * sentGib : 0;
  const [redisDollars, redisWhy] = redisPerHour(chosen);
  const minutes = chosen['releases-per-month'] * BUILD_MINUTES;
  const kept = manifest.length * IMAGES_KEPT;
  return [
    part('Redis', redis, redisDollars * HOURS, redisWhy),
    part('connector', connector, connecting, egress === 'connector' ? `two ${machine}` : 'none: egress is direct'),
    part('requests', run, over(requests, run.freeRequests) * run.request, `${format(requests)} a month`),
    part('CPU of requests', run, over(vcpu, run.freeVcpuSeconds) * run.vcpuSecond, `${format(vcpu)} vCPU-seconds`),
    part('memory of requests', run, over(gib, run.freeGibSeconds) * run.gibSecond, `${format(gib)} GiB-seconds`),
    part('open event streams', run, streaming, `${format(openPages)} pages open; each instance with one is billed`),
    part('idle instances', idle, idling, 'min_instances of the manifest'),
    part('load balancer', balancer, balancing, domain ? 'five forwarding rules, and traffic' : 'none: no domain'),
    part('traffic to the internet', run, over(sentGib, run.freeGibToInternet) * run.gibToInternet, sent),
    part('builds', build, over(minutes, build.freeMinutes) * build.minute, `${format(minutes)} minutes`),
    part('logs', logs, over(sentGib, logs.freeGib) * logs.gib, sent),
    part('images', images, over(kept * IMAGE_GIB, images.freeGib) * images.gibMonth, `${kept} kept`),
  ];
};

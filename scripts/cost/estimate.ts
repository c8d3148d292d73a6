import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { manifest } from '../../functions/manifest.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import { balancer, build, connector, HOURS, idle, images, logs, redis, run, SECONDS } from './prices.ts';

export interface Traffic {
  readonly requestsPerDay: number;
  /** Pages of is-bitcoin-lit that are open at once, on average: each holds an event stream. */
  readonly openPages: number;
  readonly releasesPerMonth: number;
  /** CPU of one request, from the bench. */
  readonly cpuMicroseconds: number;
}

/** What an installation is made of. */
export const choices = z.object({
  size: z.enum(['production', 'development']).default('production'),
  egress: z.enum(['connector', 'direct']).default('connector'),
  machine: z.enum(['e2-micro', 'f1-micro', 'e2-standard-4']).optional(),
  redis: z.enum(['instance', 'cluster', 'valkey', 'valkey-cluster', 'external']).default('instance'),
  memoryGb: z.coerce.number<string>().nonnegative().default(1),
  shards: z.coerce.number<string>().nonnegative().default(3),
  domain: z.boolean().default(false),
});
export type Choices = z.infer<typeof choices>;

const DAYS = SECONDS / 86_400;
const GIB = 1024 ** 3;
/** An answer with its headers, and the two log lines of a request. */
const BYTES_PER_REQUEST = 2_000;
/** Half a core of the bench's machine is one vCPU, and an instance is busy for two thirds of its time at most. */
const VCPU_FACTOR = 2 / (2 / 3);
/** A refresh waits for the feed. */
const REFRESH_SECONDS = 1;
const REFRESHES_PER_DAY = 1_440;
/** Every function builds for about three minutes beside the others; the checks before them for eight. */
const BUILD_MINUTES = 8 + 3 * manifest.length;
const IMAGE_GIB = 0.15;
const IMAGES_KEPT = 10;

const over = (used: number, free: number): number => Math.max(0, used - free);

const isStream = ({ name }: FunctionDefinition): boolean => name === 'bitcoin-events';
const isRefresh = ({ name }: FunctionDefinition): boolean => name === 'refresh';

/**
 * Seconds a month in which an instance is paid. A request takes its own step of 100 ms unless another one is in it
 * already, which is so by chance at low traffic and almost always at high; above that the CPU sets the number.
 */
const paidSeconds = (
  definition: FunctionDefinition,
  { requestsPerDay, openPages, cpuMicroseconds }: Traffic,
): number => {
  if (isRefresh(definition)) return REFRESHES_PER_DAY * REFRESH_SECONDS * DAYS;
  if (isStream(definition)) return Math.ceil(openPages / definition.deploy.concurrency) * SECONDS;
  const perSecond = requestsPerDay / 86_400 / manifest.filter((other) => !isRefresh(other) && !isStream(other)).length;
  const overlapping = 1 - Math.exp(-perSecond * run.stepSeconds);
  return SECONDS * Math.max(overlapping, (perSecond * cpuMicroseconds * VCPU_FACTOR) / 1_000_000);
};

/** What Redis costs an hour, and why. */
const redisHour = ({ redis: kind, size, memoryGb, shards }: Choices): readonly [dollars: number, why: string] => {
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

/** What to change when a part dominates. */
const ADVICE = {
  Redis: 'a smaller redis_kind or redis_memory_gb; committed use takes 20 to 40 % off',
  connector: 'egress = "direct" costs nothing; connector_machine_type = "e2-micro" where traffic is light',
  requests: 'a CDN in front of the public routes: domain',
  'CPU of requests': 'deploy api as one service: requests that overlap share an instance; or a CDN',
  'memory of requests': 'memory_mib in the deploy settings of the functions',
  'open event streams': 'leave bitcoin-events out: the page then asks once a minute',
  'idle instances': 'min_instances: 0',
  'load balancer': 'leave domain out',
  'traffic to the internet': 'ask with If-None-Match: a 304 has no body',
  builds: 'release less often',
  logs: 'an exclusion filter for request logs of status 200',
  images: 'keep fewer in the cleanup policy',
} as const;

const README = 'scripts/bench/README.md';

/** The mean CPU of one request in the bench's published figures, in microseconds. */
export const benchCpuMicroseconds = (): number => {
  const rows = [...readFileSync(README, 'utf8').matchAll(/CPU of one request\s*\|\s*([\d.]+) µs/g)];
  if (rows.length === 0) throw new Error(`${README} has no row "CPU of one request": run npm run bench`);
  return rows.reduce((sum, [, figure]) => sum + Number(figure), 0) / rows.length;
};

/** One line of the bill. */
const part = (
  what: keyof typeof ADVICE,
  { isConfirmed }: { readonly isConfirmed: boolean },
  dollars: number,
  why: string,
) => ({ what, dollars, why, isConfirmed, advice: ADVICE[what] });

/** What an installation costs a month, part by part. */
export const estimate = (traffic: Traffic, chosen: Choices) => {
  const { requestsPerDay, openPages, releasesPerMonth } = traffic;
  const { size, egress, machine, domain } = chosen;
  const paid = (
    wanted: (definition: FunctionDefinition) => boolean,
    unit: (of: FunctionDefinition['deploy']) => number,
  ) => manifest.filter(wanted).reduce((sum, it) => sum + paidSeconds(it, traffic) * unit(it.deploy), 0);
  const isRequest = (definition: FunctionDefinition) => !isStream(definition);
  const vcpu = ({ cpu }: FunctionDefinition['deploy']) => cpu;
  const gib = ({ memory_mib }: FunctionDefinition['deploy']) => memory_mib / 1_024;
  const reconnects = manifest
    .filter(isStream)
    .reduce((sum, it) => sum + (openPages * 86_400) / it.deploy.timeout_seconds, 0);
  const requests = (requestsPerDay + REFRESHES_PER_DAY + reconnects) * DAYS;
  const sentGib = (requests * BYTES_PER_REQUEST) / GIB;
  const sent = `${sentGib.toFixed(1)} GiB`;
  const cpu = paid(isRequest, vcpu);
  const waiting = manifest.reduce(
    (sum, { deploy }) => sum + deploy.min_instances * (vcpu(deploy) * idle.vcpuSecond + gib(deploy) * idle.gibSecond),
    0,
  );
  const machines = machine ?? (size === 'production' ? 'e2-standard-4' : 'e2-micro');
  const hours = egress === 'connector' ? 2 * HOURS : 0;
  const count = (value: number) => Math.round(value).toLocaleString('en');
  const [redisDollars, redisWhy] = redisHour(chosen);
  const memory = paid(isRequest, gib);
  const streams = paid(isStream, vcpu) * run.vcpuSecond + paid(isStream, gib) * run.gibSecond;
  const balanced = domain ? balancer.hour * HOURS + balancer.gib * sentGib : 0;
  const minutes = releasesPerMonth * BUILD_MINUTES;
  const kept = manifest.length * IMAGES_KEPT;
  return [
    part('Redis', redis, redisDollars * HOURS, redisWhy),
    part('connector', connector, hours * connector[machines], hours > 0 ? `two ${machines}` : 'none: egress is direct'),
    part('requests', run, over(requests, run.freeRequests) * run.request, `${count(requests)} a month`),
    part('CPU of requests', run, over(cpu, run.freeVcpuSeconds) * run.vcpuSecond, `${count(cpu)} vCPU-seconds`),
    part('memory of requests', run, over(memory, run.freeGibSeconds) * run.gibSecond, `${count(memory)} GiB-seconds`),
    part('open event streams', run, streams, `${count(openPages)} pages open; an instance is paid while it has one`),
    part('idle instances', idle, waiting * SECONDS, 'min_instances of the manifest'),
    part('load balancer', balancer, balanced, domain ? 'five forwarding rules, and what passes' : 'none: no domain'),
    part('traffic to the internet', run, over(sentGib, run.freeGibToInternet) * run.gibToInternet, sent),
    part('builds', build, over(minutes, build.freeMinutes) * build.minute, `${count(minutes)} minutes`),
    part('logs', logs, over(sentGib, logs.freeGib) * logs.gib, sent),
    part('images', images, over(kept * IMAGE_GIB, images.freeGib) * images.gibMonth, `${kept} kept`),
  ];
};

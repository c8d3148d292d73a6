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

export interface Choices {
  readonly size: 'production' | 'development';
  readonly egress: 'connector' | 'direct';
  readonly machine?: 'e2-micro' | 'f1-micro' | 'e2-standard-4' | undefined;
  readonly redis: 'instance' | 'cluster' | 'valkey' | 'valkey-cluster' | 'external';
  readonly memoryGb: number;
  readonly shards: number;
  readonly domain: boolean;
}

/** One line of the bill. */
export interface Part {
  readonly what: string;
  readonly dollars: number;
  readonly why: string;
  readonly isConfirmed: boolean;
  /** What to change when this line dominates. */
  readonly advice: string;
}

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

const redisPart = ({ redis: kind, size, memoryGb, shards }: Choices): Part => {
  const isProduction = size === 'production';
  const nodes = (kind === 'valkey' ? 1 : shards) * (isProduction ? 2 : 1);
  const large = kind === 'valkey' ? redis.standardSmall : redis.highmemMedium;
  const gib = isProduction ? redis.standardGib : redis.basicGib;
  const why: Record<Choices['redis'], string> = {
    external: 'someone else pays for it',
    instance: `${memoryGb} GiB ${isProduction ? 'in two zones' : 'in one zone'}`,
    valkey: `${nodes} nodes`,
    cluster: `${nodes} nodes`,
    'valkey-cluster': `${nodes} nodes`,
  };
  const hourly =
    { external: 0, instance: memoryGb * gib }[String(kind)] ?? nodes * (isProduction ? large : redis.sharedCoreNano);
  return {
    what: `Redis (${kind})`,
    dollars: hourly * HOURS,
    why: why[kind],
    isConfirmed: redis.isConfirmed,
    advice: 'a smaller redis_kind or redis_memory_gb; committed use takes 20 to 40 % off',
  };
};

/** What an installation costs a month, part by part. */
export const estimate = (traffic: Traffic, choices: Choices): readonly Part[] => {
  const { requestsPerDay, openPages, releasesPerMonth } = traffic;
  const { size, egress, machine, domain } = choices;
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
  const cpuSeconds = paid(isRequest, vcpu);
  const waiting = manifest.reduce(
    (sum, { deploy }) => sum + deploy.min_instances * (vcpu(deploy) * idle.vcpuSecond + gib(deploy) * idle.gibSecond),
    0,
  );
  const machines = machine ?? (size === 'production' ? 'e2-standard-4' : 'e2-micro');
  const { isConfirmed } = run;
  const count = (value: number) => Math.round(value).toLocaleString('en');
  return [
    redisPart(choices),
    {
      what: 'connector',
      dollars: egress === 'connector' ? 2 * connector[machines] * HOURS : 0,
      why: egress === 'connector' ? `two ${machines}` : 'none: egress is direct',
      isConfirmed: connector.isConfirmed,
      advice: 'egress = "direct" costs nothing; connector_machine_type = "e2-micro" where traffic is light',
    },
    {
      what: 'requests',
      dollars: over(requests, run.freeRequests) * run.request,
      why: `${count(requests)} a month`,
      isConfirmed,
      advice: 'a CDN in front of the public routes: domain',
    },
    {
      what: 'CPU of requests',
      dollars: over(cpuSeconds, run.freeVcpuSeconds) * run.vcpuSecond,
      why: `${count(cpuSeconds)} vCPU-seconds`,
      isConfirmed,
      advice: 'deploy api as one service: requests that overlap share an instance; or a CDN',
    },
    {
      what: 'memory of requests',
      dollars: over(paid(isRequest, gib), run.freeGibSeconds) * run.gibSecond,
      why: `${count(paid(isRequest, gib))} GiB-seconds`,
      isConfirmed,
      advice: 'memory_mib in the deploy settings of the functions',
    },
    {
      what: 'open event streams',
      dollars: paid(isStream, vcpu) * run.vcpuSecond + paid(isStream, gib) * run.gibSecond,
      why: `${count(openPages)} pages open at once; an instance is paid while it has one`,
      isConfirmed,
      advice: 'leave bitcoin-events out: the page then asks once a minute',
    },
    {
      what: 'idle instances',
      dollars: waiting * SECONDS,
      why: 'min_instances of the manifest',
      isConfirmed: idle.isConfirmed,
      advice: 'min_instances: 0',
    },
    {
      what: 'load balancer',
      dollars: domain ? balancer.hour * HOURS + balancer.gib * sentGib : 0,
      why: domain ? 'five forwarding rules, and what passes' : 'none: no domain',
      isConfirmed: balancer.isConfirmed,
      advice: 'leave domain out',
    },
    {
      what: 'traffic to the internet',
      dollars: over(sentGib, run.freeGibToInternet) * run.gibToInternet,
      why: `${sentGib.toFixed(1)} GiB`,
      isConfirmed,
      advice: 'ask with If-None-Match: a 304 has no body',
    },
    {
      what: 'builds',
      dollars: over(releasesPerMonth * BUILD_MINUTES, build.freeMinutes) * build.minute,
      why: `${releasesPerMonth} releases of ${BUILD_MINUTES} minutes`,
      isConfirmed: build.isConfirmed,
      advice: 'release less often',
    },
    {
      what: 'logs',
      dollars: over(sentGib, logs.freeGib) * logs.gib,
      why: `${sentGib.toFixed(1)} GiB`,
      isConfirmed: logs.isConfirmed,
      advice: 'an exclusion filter for request logs of status 200',
    },
    {
      what: 'images',
      dollars: over(manifest.length * IMAGES_KEPT * IMAGE_GIB, images.freeGib) * images.gibMonth,
      why: `${manifest.length * IMAGES_KEPT} kept`,
      isConfirmed: images.isConfirmed,
      advice: 'keep fewer in the cleanup policy',
    },
  ];
};

/*
 * Prices in US dollars without tax, for europe-west1 (Cloud Run's tier 1), as of November 2026.
 *
 * Cloud Run's prices and free tier, and traffic to the internet, are from a copy of https://cloud.google.com/run/pricing,
 * checked against two calculators. The others are from the pages named next to them and could not be checked again, so
 * `isConfirmed` is false and `npm run cost` marks them: verify them in https://cloud.google.com/products/calculator
 * before you rely on them.
 */

export const HOURS = 730;
export const SECONDS = HOURS * 3_600;

/** https://cloud.google.com/run/pricing, with request-based billing. The free tier applies once per billing account. */
export const run = {
  isConfirmed: true,
  vcpuSecond: 0.000_024,
  gibSecond: 0.000_002_5,
  request: 0.4 / 1_000_000,
  freeVcpuSeconds: 180_000,
  freeGibSeconds: 360_000,
  freeRequests: 2_000_000,
  /** Instance time is billed in steps of this length. */
  stepSeconds: 0.1,
  gibToInternet: 0.12,
  freeGibToInternet: 1,
} as const;

/** The same page: an idle instance of `min_instances`. */
export const idle = { isConfirmed: false, vcpuSecond: 0.000_002_5, gibSecond: 0.000_002_5 } as const;

/** Per hour, for one GiB (https://cloud.google.com/memorystore/docs/redis/pricing) or one node (…/cluster/pricing, …/valkey/pricing). */
export const redis = {
  isConfirmed: false,
  standardGib: 0.068,
  basicGib: 0.054,
  sharedCoreNano: 0.034,
  standardSmall: 0.103,
  highmemMedium: 0.205,
} as const;

/** Per hour, for one machine. https://cloud.google.com/vpc/pricing bills a connector like Compute Engine. */
export const connector = {
  isConfirmed: false,
  'e2-micro': 0.0096,
  'f1-micro': 0.0084,
  'e2-standard-4': 0.1474,
} as const;

/** https://cloud.google.com/vpc/network-pricing#lb: the first five forwarding rules, and each GiB of traffic. */
export const balancer = { isConfirmed: false, hour: 0.025, gib: 0.008 } as const;

/** https://cloud.google.com/build/pricing, e2-standard-2. */
export const build = { isConfirmed: false, minute: 0.006, freeMinutes: 2_500 } as const;

/** https://cloud.google.com/stackdriver/pricing */
export const logs = { isConfirmed: false, gib: 0.5, freeGib: 50 } as const;

/** https://cloud.google.com/artifact-registry/pricing */
export const images = { isConfirmed: false, gibMonth: 0.1, freeGib: 0.5 } as const;

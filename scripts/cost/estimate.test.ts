import { describe, expect, it } from 'vitest';
import { estimate, type Plan, plan } from './estimate.ts';

const bill = (options: Partial<Plan>) =>
  Object.fromEntries(estimate({ ...plan.parse({}), ...options }, 30).map(({ what, dollars }) => [what, dollars]));

describe('the cost of a month', () => {
  it('is zero for requests within the free tier', () => {
    expect(bill({})).toMatchObject({ requests: 0, 'CPU of requests': 0, 'memory of requests': 0, logs: 0 });
  });

  it('includes no connector with direct egress, and a load balancer only with a domain', () => {
    expect(bill({ egress: 'direct' })).toMatchObject({ connector: 0, 'load balancer': 0 });
    expect(bill({ domain: true })['load balancer']).toBeGreaterThan(18);
  });

  it('includes one instance for the first open page, and another when the first one is full', () => {
    const streams = (pages: number) => bill({ 'open-pages': pages })['open event streams'];
    expect(streams(1)).toBeCloseTo(0.000_024 * 2_628_000 + 0.25 * 0.000_002_5 * 2_628_000);
    expect(streams(500)).toBe(streams(1));
    expect(streams(501)).toBeCloseTo(2 * (streams(1) ?? 0));
  });

  it('bills overlapping requests once, so that a hundred times the traffic costs far less than a hundred times as much', () => {
    const cpu = (requests: number) => bill({ 'requests-per-day': requests })['CPU of requests'] ?? 0;
    expect(cpu(1_000_000)).toBeGreaterThan(20);
    expect(cpu(100_000_000)).toBeLessThan(20 * cpu(1_000_000));
    expect(cpu(100_000_000)).toBeGreaterThan(cpu(1_000_000));
  });

  it('includes every node of a cluster with its replicas, and nothing for an external Redis', () => {
    expect(bill({ redis: 'cluster' }).Redis).toBeCloseTo(6 * 0.205 * 730);
    expect(bill({ redis: 'external' }).Redis).toBe(0);
  });
});

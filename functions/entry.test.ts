import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { startFramework } from '../scripts/local/framework-process.ts';
import { expectLoudFailure } from '../scripts/testing/broken-seam.ts';
import { emptyRedis, isServed } from '../scripts/testing/served.ts';
import { manifest } from './manifest.ts';

/* The files that are deployed: bundled, without what is not used, so what works from the sources need not work there. */

describe('the deployed files', () => {
  beforeAll(async () => {
    await emptyRedis();
    await promisify(execFile)(process.execPath, ['scripts/build.ts']);
  });

  it.each(['api', ...manifest.map(({ name }) => name)])('serve %s, and reach Redis', async (target) => {
    const deployed = await startFramework(target, { source: 'dist/index.cjs' });
    const ready = await fetch(`${deployed.url}/ready`);
    const status = await deployed.stop();
    expect([ready.status, status]).toEqual([200, 0]);
  });

  it('answer 500 to everything, and say why, when the framework keeps its own server', () =>
    expectLoudFailure('dist/index.cjs'));

  it('write and read through the same commands and scripts as the sources', async () => {
    const api = await startFramework('api', { source: 'dist/index.cjs' });
    const headers = { 'content-type': 'application/json' };
    const all: readonly [method: string, path: string, body: string | undefined, status: number][] = [
      ['PUT', '/items/77', '{"name":"pen","price":1.5}', 404],
      ['POST', '/items/77', '{"name":"pen","price":1.5}', 201],
      ['GET', '/items', undefined, 200],
      ['DELETE', '/items/77', undefined, 204],
      ['POST', '/counters/deployed', '{"by":2}', 200],
      ['PUT', '/cache/deployed', '{"value":[1],"ttl_seconds":60}', 201],
      ['GET', '/cache/deployed', undefined, 200],
      ['POST', '/cache/batch/get', '{"keys":["deployed"]}', 200],
      ['GET', '/cache?prefix=dep', undefined, 200],
      ['DELETE', '/cache/deployed', undefined, 204],
      ['GET', '/is-bitcoin-lit/history', undefined, 404],
      ['GET', '/docs', undefined, 200],
    ];
    const steps = all.filter(([method, path]) => isServed(manifest, method, path));
    const statuses: number[] = [];
    for (const [method, path, body] of steps) {
      const response = await fetch(api.url + path, { method, ...(body !== undefined && { headers, body }) });
      statuses.push(response.status);
    }
    await api.stop();
    expect(statuses).toEqual(steps.map(([, , , status]) => status));
  });
});

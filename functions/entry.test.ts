import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileCache } from '../scripts/build/compile-cache.ts';
import { startFramework } from '../scripts/local/framework-process.ts';
import { expectLoudFailure } from '../scripts/testing/broken-seam.ts';
import { emptyRedis, isServed } from '../scripts/testing/served.ts';
import { manifest } from './manifest.ts';

/* The deployed bundle leaves out unused code, so what works from source may fail there. */

const DEPLOYED = { source: 'dist/index.cjs', env: compileCache('.') };

describe('the deployed files', () => {
  beforeAll(async () => {
    await emptyRedis();
    await promisify(execFile)(process.execPath, ['scripts/build.ts']);
  });

  it.each(manifest.map(({ name }) => name))('serve only %s, and reach Redis', async (name) => {
    const one = await startFramework(name, DEPLOYED);
    const { status: health } = await fetch(`${one.url}/health`);
    const { status: ready } = await fetch(`${one.url}/ready`);
    const { status: foreign } = await fetch(`${one.url}/${name.startsWith('user') ? 'counters' : 'users'}`);
    expect([health, ready, foreign, await one.stop()]).toEqual([200, 200, 404, 0]);
  });

  it('answer 500 to every request, and log why, when the kernel cannot replace the server', () =>
    expectLoudFailure('dist/index.cjs'));

  it('run the same Redis commands and scripts as the sources', async () => {
    const api = await startFramework('api', DEPLOYED);
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
    const { status: ready } = await fetch(`${api.url}/ready`);
    expect([ready, await api.stop()]).toEqual([200, 0]);
    expect(statuses).toEqual(steps.map(([, , , status]) => status));
  });
});

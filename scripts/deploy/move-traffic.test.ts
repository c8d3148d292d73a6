import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { manifest } from '../../functions/manifest.ts';
import { type FrameworkProcess, startFramework } from '../local/framework-process.ts';
import { serveHttp } from '../local/free-port.ts';
import { startMadeUpFeed } from '../local/made-up-feed.ts';
import { createService, type Running, type Service } from '../rehearse/cloud-run.ts';
import { createGcloud } from '../rehearse/made-up-gcloud.ts';
import { moveTraffic } from './move-traffic.ts';

let feed: Awaited<ReturnType<typeof startMadeUpFeed>>;
let api: FrameworkProcess;
let hello: Running;
let broken: Running;
beforeAll(async () => {
  feed = await startMadeUpFeed();
  api = await startFramework('api', { env: { SENTICRYPT_URL: feed.senticryptUrl, RATE_LIMIT_PER_MINUTE: '0' } });
  hello = await serveHttp((_, response) => response.end('Hello from Cloud Run'));
  broken = await serveHttp((_, response) => response.writeHead(500).end());
});
afterAll(async () => {
  await Promise.all([feed.stop(), api.stop(), hello.stop(), broken.stop()]);
});

const services = new Map<string, Service>();
const printed: string[] = [];
const deployed = new Map<string, Running>();
const good = (): Running => ({ url: api.url, stop: async () => {} });
const run = createGcloud(services, async ({ name }) => deployed.get(name) ?? good());

/** The first attempt to move this function's traffic fails. */
let stuck: string | undefined;
const gcloud = async (...args: readonly string[]): Promise<string> => {
  if (stuck !== undefined && args.includes('update-traffic') && args.includes(stuck)) {
    stuck = undefined;
    throw new Error('gcloud failed');
  }
  return run(args, '.');
};

beforeEach(async () => {
  for (const { name, access } of manifest) {
    services.set(name, await createService(name, access === 'private', { ...hello, stop: async () => {} }));
  }
});
afterEach(async () => {
  await Promise.all([...services.values()].map(({ stop }) => stop()));
  deployed.clear();
  printed.length = 0;
  stuck = undefined;
});

const deployAll = async () => {
  const probe = '--startup-probe=httpGet.path=/health,periodSeconds=1,failureThreshold=1';
  const flags = [
    '--source=.',
    '--no-traffic',
    '--tag=candidate',
    '--automatic-updates',
    '--set-env-vars=^;^A=b',
    probe,
  ];
  for (const { name } of manifest) await run(['run', 'deploy', name, `--function=${name}`, ...flags], '.');
};
const release = (steps = [100]) => moveTraffic({ gcloud, flags: [], steps, print: (line) => printed.push(line) });
const shares = () => [...services.values()].map((service) => Object.fromEntries(service.shares()));
const all = (revision: number, percent = 100) => manifest.map(({ name }) => ({ [`${name}-0000${revision}`]: percent }));

describe('a release', () => {
  it('moves the traffic from Google’s placeholder page to the functions, in the given steps', async () => {
    await deployAll();
    expect(shares()).toEqual(all(1));
    await release([10, 100]);
    expect(shares()).toEqual(all(2));
    expect(printed.filter((line) => line.startsWith('moved     10 %'))).toHaveLength(manifest.length);
  });

  it('moves no traffic when one candidate fails', async () => {
    deployed.set('items', broken);
    await deployAll();
    await expect(release()).rejects.toThrow('checks failed');
    expect(shares()).toEqual(all(1));
    expect(printed.filter((line) => line.startsWith('moved'))).toEqual([]);
  });

  it('moves the traffic back when a function fails once it has traffic', async () => {
    // The candidate's tag URL has the host localhost, the live URL 127.0.0.1.
    const picky = await serveHttp((request, response) => {
      if (request.headers.host?.startsWith('127.')) response.writeHead(500).end();
      else response.writeHead(307, { location: new URL(request.url ?? '/', api.url).href }).end();
    });
    deployed.set('docs', picky);
    await deployAll();
    await expect(release()).rejects.toThrow('checks failed');
    expect(printed).toContain('back      docs to docs-00001');
    expect(shares()).toEqual(all(1));
  });

  it('moves the traffic back when gcloud fails halfway', async () => {
    stuck = 'counters';
    await deployAll();
    await expect(release()).rejects.toThrow('gcloud failed');
    expect(shares()).toEqual(all(1));
  });

  it('names the function that has no candidate', async () => {
    await expect(release()).rejects.toThrow('user-read has no revision tagged candidate');
  });
});

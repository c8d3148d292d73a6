import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { manifest } from '../functions/manifest.ts';
import { serveHttp } from './local/free-port.ts';
import { startMadeUpFeed } from './local/made-up-feed.ts';
import { messageOf } from './local/message-of.ts';
import { readOptions } from './local/read-arguments.ts';
import { startRedis } from './local/redis-server.ts';
import { runBuild } from './rehearse/build-runner.ts';
import { startCallers } from './rehearse/callers.ts';
import { createService, type Service } from './rehearse/cloud-run.ts';
import { copyUpload, createDeploy } from './rehearse/deploy-function.ts';
import { createGcloud } from './rehearse/made-up-gcloud.ts';
import { plantFault } from './rehearse/planted-fault.ts';

const USAGE = `npm run rehearse -- [options]
  releases without Google: runs the steps of cloudbuild.yaml with a gcloud that builds and starts the functions on
  this machine, while clients keep calling them
  --break=NAME[:start|answers|traffic]  adds a second release, in which this function does not start, answers 500, or
                                        answers 500 only once it has traffic
  --steps=10,50,100                     the traffic in percent, step by step
  --without=check,audit                 steps of cloudbuild.yaml to skip`;

const values = readOptions(USAGE, {
  break: z.string().optional(),
  steps: z.string().default('100'),
  without: z.string().default(''),
});

const root = mkdtempSync(join(tmpdir(), 'rehearse-'));
const redis = await startRedis();
const feed = await startMadeUpFeed();
const services = new Map<string, Service>();

/** Google's placeholder page, which Terraform deploys to a service until its first release. */
const hello = await serveHttp((_, response) => response.end('Hello from Cloud Run'));

const run = createGcloud(services, createDeploy(root));
const call = z.object({ args: z.array(z.string()), folder: z.string() });
const gcloud = await serveHttp(async (request, response) => {
  try {
    const { args, folder } = call.parse(await json(request));
    response.end(await run(args, folder));
  } catch (error) {
    response.writeHead(500).end(messageOf(error));
  }
});
const bin = join(root, 'bin');
mkdirSync(bin);
const shim = `#!/bin/sh\nexec "${process.execPath}" "${resolve('scripts/rehearse/gcloud-shim.ts')}" "$@"\n`;
writeFileSync(join(bin, 'gcloud'), shim, { mode: 0o755 });

const traffic = () => [...services].map(([name, service]) => [name, service.shares()]);

/** Releases a copy of this project, changed by `prepare`. */
const release = async (title: string, without: readonly string[], prepare: (folder: string) => void = () => {}) => {
  console.log(`\n${title}`);
  const folder = mkdtempSync(join(root, 'source-'));
  copyUpload('.', folder, 'infra/build.gcloudignore');
  prepare(folder);
  const before = traffic();
  const stopCallers = startCallers(services);
  let hasFailed = false;
  try {
    await runBuild({
      folder,
      bin,
      without,
      env: { REHEARSAL_GCLOUD: gcloud.url },
      substitutions: {
        PROJECT_ID: 'rehearsal',
        _REDIS_HOST: '127.0.0.1',
        _REDIS_PORT: String(redis.port),
        _REDIS_TLS: 'false',
        _FUNCTION_URLS: [...services].map(([name, { url }]) => `${name}=${url}`).join(','),
        _SETTINGS: `SENTICRYPT_URL=${feed.senticryptUrl}`,
        _STEPS: values.steps,
      },
    });
  } catch (error) {
    hasFailed = true;
    console.log(messageOf(error));
  }
  const seen = await stopCallers();
  console.log('What the clients saw:');
  for (const { name, calls, failed, revisions } of seen) {
    const by = [...revisions].map(([revision, count]) => `${count} by ${revision}`).join(', ');
    console.log(`  ${name.padEnd(16)}${calls} requests, ${failed} failed; answered ${by}`);
  }
  const failedCalls = seen.reduce((sum, { failed }) => sum + failed, 0);
  return { hasFailed, failedCalls, hasMoved: !isDeepStrictEqual(before, traffic()) };
};

try {
  const [broken, fault = 'answers'] = values.break?.split(':') ?? [];
  if (broken !== undefined && !manifest.some(({ name }) => name === broken))
    throw new Error(`There is no function ${broken}.`);
  for (const { name, access } of manifest) {
    services.set(name, await createService(name, access === 'private', { url: hello.url, stop: async () => {} }));
  }
  const without = values.without.split(',');
  const good = await release('The first release, to services with Google’s placeholder page', without);
  if (good.hasFailed || good.failedCalls > 0) throw new Error('The release failed, or clients saw errors.');
  console.log('The release has all the traffic, and no request failed.');
  if (broken !== undefined) {
    const title = `A second release, in which ${broken} is broken (${fault})`;
    const bad = await release(title, ['check', 'audit'], (folder) => plantFault(folder, broken, fault));
    if (!bad.hasFailed || bad.hasMoved) throw new Error('The broken release was not stopped.');
    console.log(`The release was stopped: the traffic is as before, and ${bad.failedCalls} requests failed.`);
    if (fault !== 'traffic' && bad.failedCalls > 0) throw new Error('Clients saw errors.');
  }
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  await Promise.all([...services.values()].map(({ stop }) => stop()));
  for (const { stop } of [hello, gcloud, feed, redis]) await stop();
  rmSync(root, { recursive: true, force: true });
}

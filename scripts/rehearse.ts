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
import { createDeploy } from './rehearse/deploy-function.ts';
import { createGcloud } from './rehearse/made-up-gcloud.ts';
import { plantFault } from './rehearse/planted-fault.ts';
import { copyUpload } from './rehearse/upload.ts';

const USAGE = `npm run rehearse -- [options]
  releases without Google: runs cloudbuild.yaml step by step, with a gcloud that builds and starts the functions on
  this machine, while callers call them all the time
  --break=NAME[:start|answers|traffic]  a second release, in which this function does not start, answers wrongly, or
                                        answers wrongly only once it has traffic
  --steps=10,50,100                     how the traffic moves
  --without=check,audit                 steps to leave out`;

const values = readOptions(USAGE, {
  break: z.string().optional(),
  steps: z.string().default('100'),
  without: z.string().default(''),
});

const root = mkdtempSync(join(tmpdir(), 'rehearse-'));
const redis = await startRedis();
const feed = await startMadeUpFeed();
const services = new Map<string, Service>();

/** Google's page, which Terraform puts into a service until its first release. */
const hello = await serveHttp((_, answer) => answer.end('Hello from Cloud Run'));

const run = createGcloud(services, createDeploy(root));
const shimmed = z.object({ args: z.array(z.string()), folder: z.string() });
const gcloud = await serveHttp(async (request, answer) => {
  try {
    const { args, folder } = shimmed.parse(await json(request));
    answer.end(await run(args, folder));
  } catch (error) {
    answer.writeHead(500).end(messageOf(error));
  }
});
const bin = join(root, 'bin');
mkdirSync(bin);
const shim = `#!/bin/sh\nexec "${process.execPath}" "${resolve('scripts/rehearse/gcloud-shim.ts')}" "$@"\n`;
writeFileSync(join(bin, 'gcloud'), shim, { mode: 0o755 });

const traffic = () => [...services].map(([name, service]) => [name, service.shares()]);

/** Releases the source of this project, with `prepare` done to it first. @returns how it went */
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
  console.log('What the callers saw:');
  for (const { name, calls, failed, revisions } of seen) {
    const by = [...revisions].map(([revision, count]) => `${count} by ${revision}`).join(', ');
    console.log(`  ${name.padEnd(16)}${calls} calls, ${failed} failed; answered ${by}`);
  }
  const failedCalls = seen.reduce((sum, { failed }) => sum + failed, 0);
  return { hasFailed, failedCalls, hasMoved: !isDeepStrictEqual(before, traffic()) };
};

try {
  const [broken, fault = 'answers'] = values.break?.split(':') ?? [];
  if (broken !== undefined && !manifest.some(({ name }) => name === broken)) throw new Error(`No function ${broken}`);
  for (const { name, access } of manifest) {
    services.set(name, await createService(name, access === 'private', { url: hello.url, stop: async () => {} }));
  }
  const without = values.without.split(',');
  const good = await release('The first release, to services with Google’s page in them', without);
  if (good.hasFailed || good.failedCalls > 0) throw new Error('The release failed, or its callers saw it.');
  console.log('The release has all the traffic, and no call failed.');
  if (broken !== undefined) {
    const title = `A second release, in which ${broken} is broken (${fault})`;
    const bad = await release(title, ['check', 'audit'], (folder) => plantFault(folder, broken, fault));
    if (!bad.hasFailed || bad.hasMoved) throw new Error('The broken release was not held back.');
    console.log(`The release was held back: the traffic is where it was, and ${bad.failedCalls} calls failed.`);
    if (fault !== 'traffic' && bad.failedCalls > 0) throw new Error('Callers saw it.');
  }
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  await Promise.all([...services.values()].map(({ stop }) => stop()));
  for (const { stop } of [hello, gcloud, feed, redis]) await stop();
  rmSync(root, { recursive: true, force: true });
}

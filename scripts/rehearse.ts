import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifest } from '../functions/manifest.ts';
import { type FrameworkProcess, startFramework } from './local/framework-process.ts';
import { startRedis } from './local/redis-server.ts';
import { buildLikeGoogle, sizeOf } from './rehearse/buildpack.ts';
import { copyUpload } from './rehearse/upload.ts';
import { runSmoke } from './smoke/run-checks.ts';

/*
 * `npm run rehearse`: a deployment without Google. Takes the files that gcloud would upload into an empty folder,
 * builds there as the buildpack does, starts every function as Cloud Run does, and tries them.
 */
const kib = (bytes: number): string => `${Math.round(bytes / 1024).toLocaleString('en')} KiB`;

const folder = mkdtempSync(join(tmpdir(), 'rehearse-'));
const redis = await startRedis();
/** One function of the built folder, with what Cloud Run gives it and nothing of this machine's own environment. */
const startDeployed = (name: string): Promise<FrameworkProcess> =>
  startFramework(name, {
    folder,
    source: null,
    base: { PATH: process.env.PATH, HOME: process.env.HOME },
    env: { NODE_ENV: 'production', FUNCTION_TARGET: name, REDIS_URL: redis.url },
  });

const started = new Map<string, FrameworkProcess>();
try {
  const { files, bytes } = copyUpload('.', folder);
  console.log(`${files} files are uploaded, ${kib(bytes)}`);
  buildLikeGoogle(folder, console.log);
  const modules = sizeOf(join(folder, 'node_modules'));
  console.log(`what runs: dist ${kib(sizeOf(join(folder, 'dist')))}, node_modules ${kib(modules)}`);
  for (const { name } of manifest) {
    const before = performance.now();
    started.set(name, await startDeployed(name));
    console.log(`started   ${name} (${Math.round(performance.now() - before)} ms)`);
  }
  const failed = await runSmoke({ functions: started, hasNoFeed: true }, console.log);
  if (failed > 0) throw new Error(`${failed} failed`);
  console.log(`all ${started.size} functions answered`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await Promise.all([...started.values()].map(({ stop }) => stop()));
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
}

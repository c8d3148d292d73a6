import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import * as z from 'zod';

const step = z.object({
  id: z.string(),
  waitFor: z.array(z.string()).optional(),
  entrypoint: z.string().default('bash'),
  args: z.array(z.string()).default([]),
  script: z.string().optional(),
});
const cloudBuild = z.object({ steps: z.array(step), substitutions: z.record(z.string(), z.string()) });

interface Options {
  /** The folder that contains cloudbuild.yaml, in which every step runs. */
  readonly folder: string;
  readonly substitutions: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** A folder of programs that comes first in the PATH. */
  readonly bin: string;
  /** The ids of steps to skip. */
  readonly without: readonly string[];
}

/** Runs the steps of cloudbuild.yaml as Cloud Build does, in parallel where `waitFor` allows it. @throws Error of the first step that fails */
export const runBuild = async ({ folder, env, bin, without, substitutions }: Options): Promise<void> => {
  const build = cloudBuild.parse(parse(readFileSync(join(folder, 'cloudbuild.yaml'), 'utf8')));
  const values: Readonly<Record<string, string>> = { ...build.substitutions, ...substitutions };
  const substitute = (text: string): string =>
    text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string, bare: string) => values[braced ?? bare] ?? whole);
  const stop = new AbortController();

  const run = async ({ id, entrypoint, args, script }: z.infer<typeof step>): Promise<void> => {
    if (without.includes(id)) return console.log(`skipped   ${id}`);
    const startMs = performance.now();
    const child = spawn(entrypoint, script === undefined ? args.map(substitute) : ['-c', script], {
      cwd: folder,
      env: { ...process.env, npm_lifecycle_event: '', ...values, ...env, PATH: bin + delimiter + process.env.PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: stop.signal,
    });
    const lines: string[] = [];
    // The output of the release is the point of a rehearsal. That of other steps matters only if they fail.
    const isShown = id === 'release';
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => (isShown ? console.log(`  ${line}`) : lines.push(line)));
    }
    await once(child, 'close');
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    if (child.exitCode === 0) return console.log(`ok        ${id} (${seconds} s)`);
    console.log(`FAILED    ${id} (${seconds} s)`);
    for (const line of lines.slice(-12)) console.log(`  ${line}`);
    throw new Error(`the step ${id} failed`);
  };

  const started = new Map<string, Promise<void>>();
  for (const each of build.steps) {
    // As in Cloud Build, a step without waitFor waits for all steps before it.
    const earlier = each.waitFor?.map((id) => started.get(id)) ?? [...started.values()];
    const result = Promise.all(earlier).then(() => run(each));
    started.set(each.id, result);
  }
  try {
    await Promise.all(started.values());
  } catch (error) {
    // As in Cloud Build, the first step that fails stops the others.
    stop.abort();
    await Promise.allSettled(started.values());
    throw error;
  }
};

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
  entrypoint: z.string().optional(),
  args: z.array(z.string()).default([]),
  script: z.string().optional(),
});
type Step = z.infer<typeof step>;

/** The step whose lines are shown; of the others only how they ended. */
const SHOWN = 'release';

const build = z.object({ steps: z.array(step), substitutions: z.record(z.string(), z.string()) });

interface Options {
  /** The folder with cloudbuild.yaml in it, in which every step runs. */
  readonly folder: string;
  readonly substitutions: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** A folder of programs that come before those of this machine. */
  readonly bin: string;
  /** Steps to leave out. */
  readonly without: readonly string[];
}

/** Runs the steps of cloudbuild.yaml as Cloud Build does, side by side where they wait for the same. @throws Error of the first that failed */
export const runBuild = async (options: Options): Promise<void> => {
  const { folder, env, bin, without } = options;
  const read = build.parse(parse(readFileSync(join(folder, 'cloudbuild.yaml'), 'utf8')));
  const values: Readonly<Record<string, string>> = { ...read.substitutions, ...options.substitutions };
  const substitute = (text: string): string =>
    text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string, bare: string) => values[braced ?? bare] ?? whole);
  const stop = new AbortController();

  const run = async ({ id, entrypoint = 'bash', args, script }: Step): Promise<void> => {
    if (without.includes(id)) return console.log(`left out  ${id}`);
    const began = performance.now();
    const words = script === undefined ? args.map(substitute) : ['-c', script];
    const child = spawn(entrypoint, words, {
      cwd: folder,
      env: { ...process.env, npm_lifecycle_event: '', ...values, ...env, PATH: bin + delimiter + process.env.PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: stop.signal,
    });
    const last: string[] = [];
    const read = (line: string) => {
      last.push(line);
      if (id === SHOWN) console.log(`  ${line}`);
    };
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', read);
    await once(child, 'close');
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    if (child.exitCode === 0) return console.log(`ok        ${id} (${seconds} s)`);
    console.log(`FAILED    ${id} (${seconds} s)`);
    if (id !== SHOWN) for (const line of last.slice(-12)) console.log(`  ${line}`);
    throw new Error(`the step ${id} failed`);
  };

  const begun = new Map<string, Promise<void>>();
  for (const each of read.steps) {
    const before = each.waitFor?.map((id) => begun.get(id)) ?? [...begun.values()];
    begun.set(
      each.id,
      Promise.all(before).then(() => run(each)),
    );
  }
  try {
    await Promise.all(begun.values());
  } catch (error) {
    // As in Cloud Build, the first step that fails ends the others.
    stop.abort();
    await Promise.allSettled(begun.values());
    throw error;
  }
};

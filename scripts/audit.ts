import { spawnSync } from 'node:child_process';
import * as z from 'zod';
import { jsonText } from './local/json-text.ts';
import { readArguments } from './local/read-arguments.ts';

/*
 * `npm run audit`: known vulnerabilities in what is deployed. Fails for a high or critical one. When npm's service cannot
 * be reached it says so and passes, because that says nothing about the code.
 */
const report = z.object({
  metadata: z.object({ vulnerabilities: z.object({ high: z.int(), critical: z.int(), total: z.int() }) }),
});

const USAGE = `npm run audit
  looks for known vulnerabilities in what is deployed; fails for a high or critical one`;

readArguments(USAGE, {});
const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });

const found = jsonText.pipe(report).safeParse(stdout).data?.metadata.vulnerabilities;
if (found === undefined) {
  process.stdout.write('npm audit got no answer from the registry, so the dependencies were not checked.\n');
} else {
  const { high, critical, total } = found;
  process.stdout.write(`${total} known vulnerabilities in what is deployed: ${critical} critical, ${high} high.\n`);
  if (high + critical > 0) {
    process.stdout.write('Run npm audit --omit=dev to see which, and which versions fix them.\n');
    process.exitCode = 1;
  }
}

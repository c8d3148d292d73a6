import { spawnSync } from 'node:child_process';
import * as z from 'zod';
import { jsonText } from './local/json-text.ts';
import { readArguments } from './local/read-arguments.ts';

/*
 * `npm run audit`: known vulnerabilities in the deployed packages. It fails for a high or critical one. It passes if the
 * registry cannot be reached, because that says nothing about the code.
 */
const report = z.object({
  metadata: z.object({ vulnerabilities: z.object({ high: z.int(), critical: z.int(), total: z.int() }) }),
});

const USAGE = `npm run audit
  checks the deployed packages for known vulnerabilities; fails if one is high or critical`;

readArguments(USAGE, {});
const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });

const found = jsonText.pipe(report).safeParse(stdout).data?.metadata.vulnerabilities;
if (found === undefined) {
  console.log('The registry did not respond to npm audit, so the packages were not checked.');
} else {
  const { high, critical, total } = found;
  console.log(`${total} known vulnerabilities in the deployed packages: ${critical} critical, ${high} high.`);
  if (high + critical > 0) {
    console.log('Run `npm audit --omit=dev` for the details and the versions that fix them.');
    process.exitCode = 1;
  }
}

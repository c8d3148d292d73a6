import { spawnSync } from 'node:child_process';
import * as z from 'zod';

/*
 * `npm run audit`: known holes in what is deployed. Fails for a grave one; when npm's service is out of reach it says
 * so and passes, because that says nothing about the code.
 */
const report = z.object({
  metadata: z.object({ vulnerabilities: z.object({ high: z.int(), critical: z.int(), total: z.int() }) }),
});

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });

const parse = (text: string) => {
  try {
    return report.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

const found = parse(stdout)?.metadata.vulnerabilities;
if (found === undefined) {
  process.stdout.write('npm audit got no answer from the registry: nothing is known of holes in the dependencies.\n');
} else {
  const { high, critical, total } = found;
  process.stdout.write(`${total} known holes in what is deployed: ${critical} critical, ${high} high.\n`);
  if (high + critical > 0) {
    process.stdout.write('npm audit --omit=dev tells which, and what mends them.\n');
    process.exitCode = 1;
  }
}

import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { type Reply, respClientOf } from '../resp.ts';

/** Tests, and what broke outside of any test: a file that cannot be loaded, a hook of a suite. */
const tally = (modules: readonly TestModule[]) => {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    const suites = [...module.children.allSuites()];
    sum.failed += [module, ...suites].filter((suite) => suite.errors().length > 0).length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      sum[state === 'pending' ? 'skipped' : state] += 1;
    }
  }
  return sum;
};

/** The name and value pairs of an entry of ACL LOG. */
const fieldsOf = (entry: Reply): Map<unknown, Reply> => {
  const list = Array.isArray(entry) ? entry : [];
  return new Map(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? null]] : [])));
};

/**
 * What clients asked of these servers and were refused, because Memorystore would refuse it or because it blocks a
 * server (KEYS): one sentence for each such command. It is the servers' own record, so that no test can hide it.
 */
const auditRedis = async (adminUrls: readonly string[]): Promise<string[]> => {
  const refused = new Map<string, number>();
  for (const adminUrl of adminUrls) {
    const client = respClientOf(adminUrl);
    const entries = await client.send('ACL', 'LOG', 128);
    client.close();
    for (const fields of Array.isArray(entries) ? entries.map(fieldsOf) : []) {
      if (fields.get('reason') !== 'command') continue;
      const name = String(fields.get('object')).toUpperCase();
      refused.set(name, (refused.get(name) ?? 0) + Number(fields.get('count')));
    }
  }
  return [...refused].map(
    ([name, count]) => `${name} was tried (${count} in all): Memorystore refuses it, or it blocks the server.`,
  );
};

/**
 * Ends the output with the one plain line `N passed, N failed`, after everything else, and sees to it that the line and
 * the exit status agree: whatever made the run fail counts as at least one failure.
 */
export default class CountReporter implements Reporter {
  private vitest: Vitest | undefined;
  private sum = tally([]);

  onInit(vitest: Vitest): void {
    if (this.vitest === undefined && !vitest.config.watch) process.once('exit', () => this.print());
    this.vitest = vitest;
  }

  async onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): Promise<void> {
    this.sum = tally(modules);
    const servers = this.vitest?.projects.flatMap((project) => project.getProvidedContext().redisServers ?? []) ?? [];
    const refused = await auditRedis(servers.map(({ adminUrl }) => adminUrl));
    for (const line of refused) this.vitest?.logger.error(`\n${line}`);
    this.sum.failed += unhandled.length + refused.length;
    if (this.sum.failed > 0) process.exitCode = 1;
  }

  private print(): void {
    if (process.exitCode && this.sum.failed === 0) this.sum.failed = 1;
    const { passed, failed, skipped } = this.sum;
    process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
  }
}

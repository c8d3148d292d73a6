import { createClient } from 'redis';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** Counts tests, and failures outside any test: a file that does not load, a hook that throws. */
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

/**
 * Finds commands that these servers refused because Memorystore refuses them, or because they block a server (KEYS).
 * The servers keep this record themselves, so a test that swallows the error cannot hide the command.
 */
const refusedCommands = async (adminUrls: readonly string[]): Promise<string[]> => {
  const counts = new Map<string, number>();
  for (const url of adminUrls) {
    const client = await createClient({ url }).connect();
    for (const { reason, object, count } of await client.aclLog(128)) {
      if (reason !== 'command') continue;
      const name = object.toUpperCase();
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
    client.destroy();
  }
  return [...counts].map(
    ([name, count]) => `A test sent ${name} (${count} in all): Memorystore refuses it, or it blocks the server.`,
  );
};

/**
 * Prints `N passed, N failed` as the last line of all output, and keeps it in step with the exit status: a run that
 * fails for any reason counts at least one failure.
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
    const refused = await refusedCommands(servers.map(({ adminUrl }) => adminUrl));
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

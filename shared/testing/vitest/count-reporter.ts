import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Ends a run with the plain line `N passed, N failed`; a file that could not be loaded counts as one failed test. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const tests = modules.flatMap((each) => [...each.children.allTests()]).map((test) => test.result().state);
    const broken = modules.filter((each) => each.errors().length > 0).length + errors.length;
    const count = (state: string) => tests.filter((each) => each === state).length;
    const skipped = count('skipped');
    const parts = [`${count('passed')} passed`, `${count('failed') + broken} failed`];
    if (skipped > 0) parts.push(`${skipped} skipped`);
    // After the other reporters and the end of the run, so that it is the last line.
    process.once('exit', () => process.stdout.write(`${parts.join(', ')}\n`));
  }
}

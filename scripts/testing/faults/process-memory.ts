import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { FrameworkProcess } from '../../local/framework-process.ts';

const statusOf = (name: string, { child }: FrameworkProcess): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024;

export const residentMib = (process: FrameworkProcess): number => statusOf('VmRSS', process);
/** The peak of the resident memory. */
export const peakMib = (process: FrameworkProcess): number => statusOf('VmHWM', process);

/** Node options: on SIGUSR2 the process collects garbage and prints how much memory it still holds. */
export const COLLECT_ON_SIGNAL = [
  '--expose-gc',
  `--import=data:text/javascript,${encodeURIComponent(`
    process.on('SIGUSR2', () => {
      gc();
      const { heapUsed, external } = process.memoryUsage();
      process.stdout.write(\`holds \${heapUsed + external} bytes\\n\`);
    });
  `)}`,
];

/** Memory held after a garbage collection. Resident memory depends on when V8 last collected. */
export const heldMib = async ({ child, output }: FrameworkProcess): Promise<number> => {
  const before = output().length;
  child.kill('SIGUSR2');
  for (;;) {
    const [, bytes] = /holds (\d+) bytes/.exec(output().slice(before)) ?? [];
    if (bytes !== undefined) return Number(bytes) / 2 ** 20;
    await pause(10);
  }
};

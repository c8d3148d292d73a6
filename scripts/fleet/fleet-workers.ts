import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod';

/** What the command sends to its workers. */
export const order = z.discriminatedUnion('do', [
  /** Starts instances at random times within `overMs`. Each then sends `rate` requests per second on average. */
  z.object({
    do: z.literal('start'),
    instances: z.int(),
    overMs: z.number(),
    rate: z.number(),
    env: z.record(z.string(), z.string()),
  }),
  /** A fault begins. All counts restart from zero. */
  z.object({ do: z.literal('fault') }),
  /** Redis works again. An instance has recovered once a request that starts after this succeeds. */
  z.object({ do: z.literal('back') }),
  /** Moves the clock of every instance forward. With `isIdle`, no instance sends a request until Redis is back. */
  z.object({ do: z.literal('skip'), ms: z.number(), isIdle: z.boolean() }),
  /** The worker answers at once with its report. */
  z.object({ do: z.literal('report') }),
]);
type Order = z.infer<typeof order>;

/** What happened since the fault. */
const report = z.object({
  answered: z.int(),
  refused: z.int(),
  longestMs: z.number(),
  /** The longest time that the process itself was busy or frozen, and so late for all of its instances. */
  stallMs: z.number(),
  /** Per instance: its dials before it recovered, and when its last 503 was, counted from when Redis was back. */
  instances: z.array(z.object({ dials: z.int(), isServed: z.boolean(), lastRefusedMs: z.number() })),
});
export type Report = z.infer<typeof report>;

/** What each worker sends a few times per second: what happened since the last time. */
const tick = z.object({ dials: z.int(), failures: z.int(), report: report.optional() });
export type Tick = z.infer<typeof tick>;

/** Starts the processes and waits until they have loaded the code, which takes seconds of CPU. */
export const startWorkers = async (count: number, onTick: (tick: Tick) => void) => {
  const reports = new Map<ChildProcess, (report: Report) => void>();
  const children = Array.from({ length: count }, () =>
    // Instances log every outage, which is of no interest here.
    fork(join(import.meta.dirname, 'fleet-worker.ts'), { env: { ...process.env, LOG_LEVEL: 'error' } }),
  );
  for (const child of children) {
    child.on('message', (message) => {
      const received = tick.parse(message);
      onTick(received);
      if (received.report !== undefined) reports.get(child)?.(received.report);
    });
  }
  await Promise.all(children.map((child) => once(child, 'message')));
  const tell = (order: Order): void => {
    for (const child of children) child.send(order);
  };
  return {
    tell,
    /** @param instances how many in total; the workers share them */
    start: ({ instances, ...rest }: Omit<Extract<Order, { do: 'start' }>, 'do'>): void => {
      for (const [at, child] of children.entries()) {
        const order: Order = { do: 'start', instances: Math.floor((instances + at) / count), ...rest };
        child.send(order);
      }
    },
    /** What happened to all instances since the fault. */
    report: async (): Promise<Report> => {
      const answers = children.map((child) => new Promise<Report>((resolve) => reports.set(child, resolve)));
      tell({ do: 'report' });
      const all = await Promise.all(answers);
      return {
        answered: all.reduce((sum, { answered }) => sum + answered, 0),
        refused: all.reduce((sum, { refused }) => sum + refused, 0),
        longestMs: Math.max(...all.map(({ longestMs }) => longestMs)),
        stallMs: Math.max(...all.map(({ stallMs }) => stallMs)),
        instances: all.flatMap(({ instances }) => instances),
      };
    },
    /** SIGSTOP takes the CPU away from all instances, as Cloud Run does. */
    signal: (name: 'SIGSTOP' | 'SIGCONT'): void => {
      for (const child of children) child.kill(name);
    },
    stop: async (): Promise<void> => {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
    },
  };
};

export type Workers = Awaited<ReturnType<typeof startWorkers>>;

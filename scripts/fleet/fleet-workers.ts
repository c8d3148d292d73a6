import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod';

/** What the command says to its workers. */
export const order = z.discriminatedUnion('do', [
  /** Starts instances, one after the other within `overMs`, each with so many requests a second from then on. */
  z.object({
    do: z.literal('start'),
    instances: z.int(),
    overMs: z.number(),
    rate: z.number(),
    env: z.record(z.string(), z.string()),
  }),
  /** Something breaks now: dials and requests are counted from here. */
  z.object({ do: z.literal('fault') }),
  /** Redis serves again: the first answer from here on is an instance's recovery. */
  z.object({ do: z.literal('back') }),
  /** The clock of every instance moves on, as after a freeze. An idle one has no requests until Redis is back. */
  z.object({ do: z.literal('skip'), ms: z.number(), isIdle: z.boolean() }),
  z.object({ do: z.literal('report') }),
]);
type Order = z.infer<typeof order>;

const report = z.object({
  do: z.literal('report'),
  answered: z.int(),
  refused: z.int(),
  longestMs: z.number(),
  /** Of each instance: its dials until it was served again, and when its last 503 was, counted from Redis being back. */
  instances: z.array(z.object({ dials: z.int(), isServed: z.boolean(), lastRefusedMs: z.number() })),
});
export type Report = z.infer<typeof report>;

/** What a worker says: its report, or what happened since it last spoke. */
const word = z.discriminatedUnion('do', [
  report,
  z.object({ do: z.literal('tick'), dials: z.int(), failures: z.int() }),
]);
export type Word = z.infer<typeof word>;

const merge = (reports: readonly Report[]): Report => ({
  do: 'report',
  answered: reports.reduce((sum, { answered }) => sum + answered, 0),
  refused: reports.reduce((sum, { refused }) => sum + refused, 0),
  longestMs: Math.max(...reports.map(({ longestMs }) => longestMs)),
  instances: reports.flatMap(({ instances }) => instances),
});

/** @param onTick receives dials and failures, a few times a second */
export const startWorkers = (count: number, onTick: (tick: Extract<Word, { do: 'tick' }>) => void) => {
  const children = Array.from({ length: count }, () =>
    // What an instance logs while Redis is away is not of interest here.
    fork(join(import.meta.dirname, 'fleet-worker.ts'), { env: { ...process.env, LOG_LEVEL: 'error' } }),
  );
  const reports = new Map<ChildProcess, (report: Report) => void>();
  for (const child of children) {
    child.on('message', (message) => {
      const said = word.parse(message);
      if (said.do === 'tick') onTick(said);
      else reports.get(child)?.(said);
    });
  }
  const tell = (order: Order): void => {
    for (const child of children) child.send(order);
  };
  return {
    tell,
    /** Starts this many instances in all, spread over the workers. */
    start: (instances: number, rest: Omit<Extract<Order, { do: 'start' }>, 'do' | 'instances'>): void => {
      for (const [at, child] of children.entries()) {
        const order: Order = { do: 'start', instances: Math.floor((instances + at) / count), ...rest };
        child.send(order);
      }
    },
    report: async (): Promise<Report> => {
      const all = children.map((child) => new Promise<Report>((resolve) => reports.set(child, resolve)));
      tell({ do: 'report' });
      return merge(await Promise.all(all));
    },
    /** A frozen instance has no CPU. */
    signal: (name: 'SIGSTOP' | 'SIGCONT'): void => {
      for (const child of children) child.kill(name);
    },
    stop: async (): Promise<void> => {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
    },
  };
};

export type Workers = ReturnType<typeof startWorkers>;

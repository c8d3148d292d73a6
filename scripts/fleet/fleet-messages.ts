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
export type Order = z.infer<typeof order>;

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
export const word = z.discriminatedUnion('do', [
  report,
  z.object({ do: z.literal('tick'), dials: z.int(), failures: z.int() }),
]);
export type Word = z.infer<typeof word>;

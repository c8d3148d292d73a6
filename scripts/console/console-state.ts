import * as z from 'zod';

/* What the parts of the console tell each other. Its page takes the types alone. */

export const shownButton = z.object({
  name: z.string(),
  label: z.string(),
  /** For a button that stays pressed. */
  isPressed: z.boolean().optional(),
  /** Why it cannot be pressed. */
  reason: z.string().optional(),
});
export type ShownButton = z.infer<typeof shownButton>;

/** The answer to a press. */
export const pressed = z.object({ outcome: z.string(), buttons: z.array(shownButton) });
export type Pressed = z.infer<typeof pressed>;

/** A process of the functions. */
export const running = z.object({ pid: z.int(), started: z.iso.datetime(), memory_bytes: z.int() });
type Running = z.infer<typeof running>;

export const exchange = z.object({
  id: z.uuid(),
  time: z.iso.datetime(),
  method: z.string(),
  url: z.string(),
  status: z.int().optional(),
  latency_ms: z.number().optional(),
  trips: z.int().optional(),
});
export interface Exchange extends z.infer<typeof exchange> {
  /** Grows with each change of any request. */
  readonly version: number;
  /** The function that serves it; empty for what every function answers. */
  readonly owner: string;
  readonly sent: string | undefined;
  readonly got: string | undefined;
}

export interface Stored {
  readonly memory_bytes: number;
  readonly clients: number;
  readonly commands_per_second: number;
  readonly keys: readonly { name: string; owner: string; type: string; ttl_ms: number | null; bytes: number }[];
  /** There are more keys than these. */
  readonly isCut: boolean;
}

export interface State {
  readonly functions: readonly { name: string; access: string; summary: string; isServed: boolean }[];
  readonly buttons: readonly ShownButton[];
  readonly processes: readonly Running[];
  /** Those that came or ended since the last look, oldest first. */
  readonly requests: readonly Exchange[];
  readonly redis: Stored | { readonly fault: string };
}

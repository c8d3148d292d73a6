import * as z from 'zod';

/* What the parts of the console tell each other. Its page takes the types alone. */

const shownButton = z.object({
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

export interface Exchange {
  readonly id: string;
  readonly time: string;
  readonly method: string;
  readonly url: string;
  readonly status?: number | undefined;
  readonly latency_ms?: number | undefined;
  readonly trips?: number | undefined;
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
  /** The processes of the functions. */
  readonly processes: readonly { pid: number; started: string; memory_bytes: number }[];
  /** Those that came or ended since the last look, oldest first. */
  readonly requests: readonly Exchange[];
  readonly redis: Stored | { readonly fault: string };
}

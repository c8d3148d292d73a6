/* What the console's server tells its page. */

export interface ShownButton {
  readonly name: string;
  readonly label: string;
  /** For a button that stays pressed. */
  readonly isPressed?: boolean | undefined;
  /** Why it cannot be pressed. */
  readonly reason?: string | undefined;
}

/** The answer to a press. */
export interface Pressed {
  readonly outcome: string;
  readonly buttons: readonly ShownButton[];
}

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

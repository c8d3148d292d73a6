/** The result of one check. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'fault';
  /** What was found. */
  readonly what: string;
  /** What to do about it; `ok` has none. */
  readonly remedy?: string;
}

export const ok = (what: string): Finding => ({ level: 'ok', what });
export const warning = (what: string, remedy: string): Finding => ({ level: 'warning', what, remedy });
export const fault = (what: string, remedy: string): Finding => ({ level: 'fault', what, remedy });

import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import type { Context } from './context.ts';
import type { Match } from './router.ts';
import type { ExtraHeaders } from './send.ts';

/** A request that has found its route, on its way to the handler. */
export interface Call {
  readonly request: IncomingMessage;
  readonly match: Match;
  /** The query, without its `?`. */
  readonly search: string;
  readonly context: Context;
  /** Headers for the answer, whatever it will be. */
  extra?: ExtraHeaders;
}

/** One concern around a call: it answers, or lets the next step answer. A promise only where there is something to wait for. */
export type Step = (call: Call) => Promise<Answer> | Answer;

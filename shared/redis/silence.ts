import { ConnectionTimeoutError, SocketTimeoutError } from 'redis';
import { DeadlineError } from '../deadline.ts';

/** Codes with which the system says that packets do not arrive, or that it knows no way or name. */
const LOST_CODES = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EAI_AGAIN', 'ENOTFOUND']);

const isSilent = (error: Error): boolean =>
  error instanceof DeadlineError ||
  error instanceof ConnectionTimeoutError ||
  error instanceof SocketTimeoutError ||
  ('code' in error && typeof error.code === 'string' && LOST_CODES.has(error.code));

/** Nothing came back from where Redis is, so the network may not lead there. A refusal of any kind is an answer. */
export const isSilence = (error: unknown): boolean =>
  error instanceof Error && (isSilent(error) || isSilence(error.cause));

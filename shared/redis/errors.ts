import { ClientClosedError, ClientOfflineError, ErrorReply, SocketClosedUnexpectedlyError } from 'redis';
import { DeadlineError } from '../deadline.ts';
import { Problem } from '../problems.ts';

/** Replies with which a server says that it cannot serve now, though the command was right. */
const UNABLE =
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS|BUSY|MOVED|ASK|UNBLOCKED|ERR max number of clients)/;

/** Replies after which the same connection cannot be used: the node was demoted, or the password changed. */
const FOREIGN = /^(READONLY|NOAUTH|WRONGPASS|MASTERDOWN)/;

const isSystemError = (error: unknown): boolean => error instanceof Error && 'code' in error && 'syscall' in error;

/** The connection ended under the operation, which may or may not have taken effect. */
export const isConnectionLost = (error: unknown): boolean =>
  error instanceof SocketClosedUnexpectedlyError ||
  error instanceof ClientClosedError ||
  error instanceof ClientOfflineError ||
  isSystemError(error);

/** The connection must not be used again. */
export const isConnectionSpent = (error: unknown): boolean =>
  isConnectionLost(error) ||
  error instanceof DeadlineError ||
  (error instanceof ErrorReply && FOREIGN.test(error.message));

/** Redis is at fault, not the command. */
export const isRedisUnavailable = (error: unknown): boolean =>
  isConnectionLost(error) ||
  error instanceof DeadlineError ||
  (error instanceof ErrorReply ? UNABLE.test(error.message) : isClientError(error));

/** node-redis's own errors of connections and time limits share this origin, but no common class. */
const isClientError = (error: unknown): boolean =>
  error instanceof Error &&
  /Connection|Socket|Timeout|Client|Nodes|Redirections|Reconnect/.test(error.constructor.name);

/** What a caller is told: a second is long enough for a dial, and for most of a failover a fair next try. */
export const toProblem = (cause: unknown): Problem =>
  new Problem('redis-unavailable', 'Redis does not answer at the moment. Try again shortly.', {
    retryAfterSeconds: 1,
    cause,
  });

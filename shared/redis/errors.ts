import {
  ClientClosedError,
  ClientOfflineError,
  ConnectionTimeoutError,
  DisconnectsClientError,
  ErrorReply,
  MaxCommandRedirectionsError,
  ReconnectStrategyError,
  RootNodesUnavailableError,
  SocketClosedUnexpectedlyError,
  SocketTimeoutError,
} from 'redis';
import { Problem } from '../problems/problem.ts';
import { DeadlineError } from '../timing.ts';

/** Redis before version 7 wraps the error of a command in a script. */
const IN_SCRIPT = '^(?:ERR Error running script .*?-)?';

/** Error replies that mean: the command is valid, but this server cannot serve it now. */
const UNABLE = new RegExp(
  `${IN_SCRIPT}(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS|BUSY|MOVED|ASK|UNBLOCKED|ERR max number of clients)`,
);

/** Error replies after which the connection is useless: the node was demoted, or the password changed. */
const FOREIGN = new RegExp(
  `${IN_SCRIPT}(?:READONLY|NOAUTH|WRONGPASS|MASTERDOWN|CLUSTERDOWN|ERR max number of clients)`,
);

const LOST = [
  SocketClosedUnexpectedlyError,
  SocketTimeoutError,
  ConnectionTimeoutError,
  ClientClosedError,
  ClientOfflineError,
  DisconnectsClientError,
  ReconnectStrategyError,
  RootNodesUnavailableError,
] as const;

/** Error codes of Node's sockets and TLS. Several refused addresses come as one AggregateError with a code. */
const SOCKET_CODE = /^(E(?!RR_)[A-Z]|ERR_(SSL|TLS|STREAM|SOCKET)_)/;

const isSocketError = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string' && SOCKET_CODE.test(error.code);

/** The connection broke during the operation, which may or may not have taken effect. */
const isConnectionLost = (error: unknown): boolean =>
  error instanceof Error && (LOST.some((kind) => error instanceof kind) || isSocketError(error));

/** The connection must not be used again. */
export const isConnectionSpent = (error: unknown): boolean =>
  error instanceof ErrorReply ? FOREIGN.test(error.message) : error instanceof DeadlineError || isConnectionLost(error);

const REFUSED =
  /^(CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|ERR_TLS_CERT_ALTNAME_INVALID)/;

/** The server's certificate is not trusted. */
export const isCertificateRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && REFUSED.test(String(error.code));

/** The password or the certificate is not the one that the other side expects. */
export const isCredentialRefused = (error: unknown): boolean =>
  error instanceof ErrorReply ? /^(WRONGPASS|NOAUTH)/.test(error.message) : isCertificateRefused(error);

/** While a slot moves, a cluster refuses commands on several of its keys. They have had no effect and may be repeated. */
export const isSlotMoving = (error: unknown): boolean =>
  error instanceof ErrorReply && error.message.startsWith('TRYAGAIN');

/** The fault is with Redis, not with the command. */
export const isRedisUnavailable = (error: unknown): boolean =>
  error instanceof ErrorReply
    ? UNABLE.test(error.message)
    : isConnectionSpent(error) || error instanceof MaxCommandRedirectionsError || isUnknownNode(error);

/** node-redis was redirected to a node that the cluster does not list yet. The error has no class of its own. */
const isUnknownNode = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Cannot find node ');

/** Clients are told to retry after a second: time enough to reconnect, and a reasonable interval during a failover. */
export const toProblem = (cause: unknown): Problem =>
  new Problem('redis-unavailable', 'Redis does not answer at the moment. Try again shortly.', {
    retryAfterSeconds: 1,
    cause,
  });

/** Redis answered with an error, as a full one does to writes. It may still serve reads. */
export const isRefusedByRedis = (error: unknown): boolean =>
  error instanceof Problem && error.cause instanceof ErrorReply;

/** System error codes for packets that do not arrive, and for an unknown route or name. */
const LOST_CODES = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EAI_AGAIN', 'ENOTFOUND']);

const isSilent = (error: Error): boolean =>
  [DeadlineError, ConnectionTimeoutError, SocketTimeoutError].some((kind) => error instanceof kind) ||
  ('code' in error && typeof error.code === 'string' && LOST_CODES.has(error.code));

/** Nothing came back, so there may be no network path to Redis. A refusal of any kind counts as an answer. */
export const isSilence = (error: unknown): boolean =>
  error instanceof Error && (isSilent(error) || isSilence(error.cause));

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

/** Redis before version 7 wraps what a command said within a script. */
const IN_SCRIPT = '^(?:ERR Error running script .*?-)?';

/** Replies with which a server says that it cannot serve now, though the command was right. */
const UNABLE = new RegExp(
  `${IN_SCRIPT}(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS|BUSY|MOVED|ASK|UNBLOCKED|ERR max number of clients)`,
);

/** Replies after which the same connection cannot be used: the node was demoted, or the password changed. */
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

/** Errors of Node's sockets and of TLS; several refused addresses come as one AggregateError with a code. */
const SOCKET_CODE = /^(E(?!RR_)[A-Z]|ERR_(SSL|TLS|STREAM|SOCKET)_)/;

const isSocketError = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string' && SOCKET_CODE.test(error.code);

/** The connection ended under the operation, which may or may not have taken effect. */
const isConnectionLost = (error: unknown): boolean =>
  error instanceof Error && (LOST.some((kind) => error instanceof kind) || isSocketError(error));

/** The connection must not be used again. */
export const isConnectionSpent = (error: unknown): boolean =>
  error instanceof ErrorReply ? FOREIGN.test(error.message) : error instanceof DeadlineError || isConnectionLost(error);

const REFUSED =
  /^(CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|ERR_TLS_CERT_ALTNAME_INVALID)/;

/** The server's certificate is not one of those that are trusted. */
export const isCertificateRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && REFUSED.test(String(error.code));

/** The password, or the certificate, is not the one that the other side has. */
export const isCredentialRefused = (error: unknown): boolean =>
  error instanceof ErrorReply ? /^(WRONGPASS|NOAUTH)/.test(error.message) : isCertificateRefused(error);

/** While a slot moves, a cluster refuses commands on several of its keys, without any effect, until they meet again. */
export const isSlotMoving = (error: unknown): boolean =>
  error instanceof ErrorReply && error.message.startsWith('TRYAGAIN');

/** Redis is at fault, not the command. */
export const isRedisUnavailable = (error: unknown): boolean =>
  error instanceof ErrorReply
    ? UNABLE.test(error.message)
    : isConnectionSpent(error) || error instanceof MaxCommandRedirectionsError || isUnknownNode(error);

/** node-redis was sent to a node that the cluster itself does not list yet; its error has no class. */
const isUnknownNode = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Cannot find node ');

/** The retry delay sent to callers: long enough for a dial, and a fair next try during most failovers. */
export const toProblem = (cause: unknown): Problem =>
  new Problem('redis-unavailable', 'Redis does not answer at the moment. Try again shortly.', {
    retryAfterSeconds: 1,
    cause,
  });

/** Redis answered and refused, as a full one refuses writes. Whether it still reads, the next command tells at once. */
export const isRefusedByRedis = (error: unknown): boolean =>
  error instanceof Problem && error.cause instanceof ErrorReply;

/** Codes with which the system says that packets do not arrive, or that it knows no way or name. */
const LOST_CODES = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EAI_AGAIN', 'ENOTFOUND']);

const isSilent = (error: Error): boolean =>
  [DeadlineError, ConnectionTimeoutError, SocketTimeoutError].some((kind) => error instanceof kind) ||
  ('code' in error && typeof error.code === 'string' && LOST_CODES.has(error.code));

/** Nothing came back from where Redis is, so the network may not lead there. A refusal of any kind is an answer. */
export const isSilence = (error: unknown): boolean =>
  error instanceof Error && (isSilent(error) || isSilence(error.cause));

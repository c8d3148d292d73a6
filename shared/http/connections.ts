import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem } from '../problems/problem.ts';
import { problemAnswer } from './answer.ts';
import { breakOff } from './body.ts';
import { readTrace } from './request-head.ts';

type Response = ServerResponse<IncomingMessage>;

let count = 0;
/**
 * The answers in progress on each connection, in the order of their requests. One Set of all of them would be simpler,
 * but V8 rebuilds a Set whose entries come and go, and chains the old tables: once one is old, all later responses
 * survive every minor collection. That took a tenth of the CPU.
 */
const inProgress = new WeakMap<Duplex, Response[]>();
/** Requests that were answered before their body had arrived, by connection. */
const answeredEarly = new WeakMap<Duplex, IncomingMessage>();

function ended(this: Response): void {
  const { complete, socket } = this.req;
  count -= 1;
  const responses = inProgress.get(socket);
  responses?.splice(responses.indexOf(this), 1);
  if (!complete) answeredEarly.set(socket, this.req);
}

/** Counts a request as in progress until its answer is written or its client is gone. */
export const requestStarted = (response: Response): void => {
  const { socket } = response.req;
  count += 1;
  const responses = inProgress.get(socket);
  if (responses === undefined) inProgress.set(socket, [response]);
  else responses.push(response);
  response.on('close', ended);
};

/** How many requests are in progress. */
export const countInProgress = (): number => count;

const answersOn = (socket: Duplex): readonly Response[] => [...(inProgress.get(socket) ?? [])];

/*
 * When Node's parser rejects the bytes on a connection, Node hands over the bare socket. A request that is being answered
 * on it, or was answered before its body had arrived, must get its own answer and nothing else.
 */

/** A whole request, body included, must arrive within this time. */
export const REQUEST_MS = 30_000;
/** How long a closing socket keeps reading. Closing with unread bytes would reset it, and the client would lose the answer. */
const LINGER_MS = 1_000;

const closing = new WeakSet<Duplex>();

const close = (socket: Duplex): void => {
  socket.end();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
};

const writeProblem = (socket: Duplex, problem: Problem): void => {
  const { requestId } = readTrace({});
  const { status, headers, body = '' } = problemAnswer(problem, requestId);
  const head = Object.entries({ ...headers, 'x-request-id': requestId, connection: 'close' });
  const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`HTTP/1.1 ${status} Bad Request\r\n${lines}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
};

const refuse = (socket: Duplex, detail: string): void => {
  // More bytes after the first bad ones, or after an answer that closes the connection.
  if (!socket.writable || closing.has(socket)) return;
  closing.add(socket);
  const problem = new Problem('invalid-request', detail);
  const last = answersOn(socket).at(-1);
  if (last !== undefined) {
    last.shouldKeepAlive = false;
    // Node would close as soon as the answer is written, even with bytes left to read.
    Object.assign(socket, { destroySoon: () => close(socket) });
    last.once('close', () => close(socket));
    if (!last.req.complete) breakOff(last.req, problem);
    return;
  }
  if (answeredEarly.get(socket)?.complete !== false) writeProblem(socket, problem);
  close(socket);
};

const detailOf = (code: string | undefined): string => {
  if (code === 'HPE_HEADER_OVERFLOW') return 'The headers may hold at most 16 KiB.';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return `The request did not arrive whole within ${REQUEST_MS / 1_000} seconds.`;
  return 'This is not a valid HTTP/1.1 request.';
};

/** Answers a request that cannot be parsed, or did not arrive in time. */
export const refuseUnreadable = (error: Error & { code?: string }, socket: Duplex): void =>
  refuse(socket, detailOf(error.code));

/**
 * Answers CONNECT. Node has removed its own listeners from the socket: without these, an error would end the process, and
 * an answer in progress would wait forever for room to write.
 */
export const refuseTunnel = (_request: IncomingMessage, socket: Duplex): void => {
  socket.on('error', () => socket.destroy());
  socket.on('drain', () => answersOn(socket)[0]?.emit('drain'));
  socket.on('close', () => {
    for (const response of answersOn(socket)) response.destroy();
  });
  socket.resume();
  refuse(socket, 'This is not a proxy: CONNECT has no meaning here.');
};

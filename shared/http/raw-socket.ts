import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem } from '../problems/problem.ts';
import { problemAnswer } from './answer.ts';
import { breakOff } from './body.ts';
import { readTrace } from './request-head.ts';
import { answersUnderWay, isBodyUnderWay } from './under-way.ts';

/*
 * What Node's parser refuses never becomes a request, and Node hands over the bare socket. A request that is being
 * answered on it, or was answered before its body had arrived, gets its own answer and nothing else.
 */

/** A whole request, body included, must arrive in this time. */
export const REQUEST_MS = 30_000;
/** How long a closing socket goes on reading: to close on unread bytes would reset it, and take the answer with it. */
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
  // More bytes after the first that made no sense, or behind an answer that closes the connection.
  if (!socket.writable || closing.has(socket)) return;
  closing.add(socket);
  const problem = new Problem('invalid-request', detail);
  const last = answersUnderWay(socket).at(-1);
  if (last !== undefined) {
    last.shouldKeepAlive = false;
    // Node's own would close as soon as the answer is written, whatever is still to be read.
    Object.assign(socket, { destroySoon: () => close(socket) });
    last.once('close', () => close(socket));
    if (!last.req.complete) breakOff(last.req, problem);
    return;
  }
  if (!isBodyUnderWay(socket)) writeProblem(socket, problem);
  close(socket);
};

const detailOf = (code: string | undefined): string => {
  if (code === 'HPE_HEADER_OVERFLOW') return 'The headers may hold at most 16 KiB.';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return `The request did not arrive whole within ${REQUEST_MS / 1_000} seconds.`;
  return 'This is not a valid HTTP/1.1 request.';
};

/** Answers what cannot be parsed, or does not arrive. */
export const refuseUnreadable = (error: Error & { code?: string }, socket: Duplex): void =>
  refuse(socket, detailOf(error.code));

/**
 * Answers CONNECT. Node has taken its own listeners off the socket: an error on it would end the process, and an answer
 * under way would wait forever for room to write.
 */
export const refuseTunnel = (_request: IncomingMessage, socket: Duplex): void => {
  socket.on('error', () => socket.destroy());
  socket.on('drain', () => answersUnderWay(socket)[0]?.emit('drain'));
  socket.on('close', () => {
    for (const response of answersUnderWay(socket)) response.destroy();
  });
  socket.resume();
  refuse(socket, 'This is not a proxy: CONNECT has no meaning here.');
};

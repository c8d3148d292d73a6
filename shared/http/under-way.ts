import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

type Response = ServerResponse<IncomingMessage>;

let underWay = 0;
/**
 * Of each connection, in the order of their requests. One Set of all would do, but V8 rebuilds a Set that entries come
 * and go in, and links each table to the next: once one is old, all that follow, and their responses, outlive every
 * minor collection. That was a tenth of the CPU.
 */
const bySocket = new WeakMap<Duplex, Response[]>();
/** Requests that were answered before they had arrived whole, by their sockets. */
const answeredEarly = new WeakMap<Duplex, IncomingMessage>();

function ended(this: Response): void {
  const { complete, socket } = this.req;
  underWay -= 1;
  const responses = bySocket.get(socket);
  responses?.splice(responses.indexOf(this), 1);
  if (!complete) answeredEarly.set(socket, this.req);
}

/** Counts a request among those that are being answered, until its answer is written or its client is gone. */
export const requestStarted = (response: Response): void => {
  const { socket } = response.req;
  underWay += 1;
  const responses = bySocket.get(socket);
  if (responses === undefined) bySocket.set(socket, [response]);
  else responses.push(response);
  response.on('close', ended);
};

/** How many requests are being answered. */
export const countUnderWay = (): number => underWay;

/** The answers that are under way on a socket, in the order of their requests. */
export const answersUnderWay = (socket: Duplex): Response[] => [...(bySocket.get(socket) ?? [])];

/** Whether a request on this socket was answered while its body was still to come. */
export const isBodyUnderWay = (socket: Duplex): boolean => answeredEarly.get(socket)?.complete === false;

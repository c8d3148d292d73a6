import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

type Response = ServerResponse<IncomingMessage>;

const underWay = new Set<Response>();
/** Requests that were answered before they had arrived whole, by their sockets. */
const answeredEarly = new WeakMap<Duplex, IncomingMessage>();

function ended(this: Response): void {
  underWay.delete(this);
  if (!this.req.complete) answeredEarly.set(this.req.socket, this.req);
}

/** Counts a request among those that are being answered, until its answer is written or its client is gone. */
export const requestStarted = (response: Response): void => {
  underWay.add(response);
  response.on('close', ended);
};

/** How many requests are being answered. */
export const countUnderWay = (): number => underWay.size;

/** The answers that are under way on a socket, in the order of their requests. */
export const answersUnderWay = (socket: Duplex): Response[] => [...underWay].filter(({ req }) => req.socket === socket);

/** Whether a request on this socket was answered while its body was still to come. */
export const isBodyUnderWay = (socket: Duplex): boolean => answeredEarly.get(socket)?.complete === false;

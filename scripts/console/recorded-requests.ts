import { once } from 'node:events';
import { createServer } from 'node:net';
import { byLine } from '../local/terminal/format-log.ts';

/** A request or a response as sent. The body is base64, and may be cut off or compressed. */
export interface Message {
  readonly head: string;
  readonly body: string;
}

/** Reported when a request arrives, and again with the optional fields when it has been answered. */
export interface Exchange {
  readonly id: string;
  readonly time: string;
  readonly method: string;
  readonly url: string;
  readonly status?: number;
  readonly latency_ms?: number;
  readonly trips?: number;
  readonly sent?: Message;
  readonly got?: Message;
}

/** Reported by a function process once a second. */
export interface Running {
  readonly pid: number;
  readonly started: string;
  readonly memory_bytes: number;
}

export type Report = Exchange | Running;

const MOST_REQUESTS = 200;

/**
 * Keeps the latest requests of the function processes, which report to a Unix socket.
 * @param path where to create the socket: in a folder that only this user can enter
 */
export const recordRequests = async (path: string) => {
  const requests = new Map<string, Exchange>();
  const processes = new Map<object, Running>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('close', () => processes.delete(socket));
    const read = byLine((line) => {
      const report: Report = JSON.parse(line);
      if ('pid' in report) return void processes.set(socket, report);
      requests.set(report.id, report);
      for (const id of requests.keys()) if (requests.size > MOST_REQUESTS) requests.delete(id);
    });
    socket.setEncoding('utf8').on('data', (text) => read(String(text)));
  });
  await once(server.listen(path), 'listening');
  return {
    process: () => [...processes.values()].at(0),
    newestFirst: () => [...requests.values()].reverse(),
    find: (id: string) => requests.get(id),
  };
};

import { once } from 'node:events';
import { createServer } from 'node:net';
import { brotliDecompressSync, constants, unzipSync } from 'node:zlib';
import * as z from 'zod';
import { byLine } from '../local/terminal/format-log.ts';
import { ownerOf } from '../local/terminal/owner-of.ts';
import type { Exchange, State } from './console-state.ts';

const part = z.object({ head: z.string(), body: z.base64().transform((text) => Buffer.from(text, 'base64')) });
const running = z.object({ pid: z.int(), started: z.iso.datetime(), memory_bytes: z.int() });
const exchange = z.object({
  id: z.uuid(),
  time: z.iso.datetime(),
  method: z.string(),
  url: z.string(),
  status: z.int().optional(),
  latency_ms: z.number().optional(),
  trips: z.int().optional(),
  sent: part.optional(),
  got: part.optional(),
});
const message = z.union([running, exchange]);

const MOST_REQUESTS = 200;

/** The body as text; of a compressed one that was cut off, what there is of it. */
const textOf = ({ head, body }: z.infer<typeof part>): string => {
  const [, encoding] = /^content-encoding: (\S+)/im.exec(head) ?? [];
  try {
    if (encoding === 'br') {
      return String(brotliDecompressSync(body, { finishFlush: constants.BROTLI_OPERATION_FLUSH }));
    }
    return String(encoding === 'gzip' ? unzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH }) : body);
  } catch {
    return `${body.length} bytes that cannot be read`;
  }
};

const show = (given: z.infer<typeof part> | undefined) => given && `${given.head}\n\n${textOf(given)}`.trim();

/**
 * Takes what the function processes send to a socket of this machine, and keeps the last requests.
 * @param path where the socket is made, in a folder that only this user can enter
 */
export const recordRequests = async (path: string) => {
  const requests = new Map<string, Exchange>();
  const processes = new Map<object, State['processes'][number]>();
  let version = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('close', () => processes.delete(socket));
    const read = byLine((line) => {
      const told = message.parse(JSON.parse(line));
      if (!('url' in told)) return void processes.set(socket, told);
      const { sent, got, ...request } = told;
      const owner = ownerOf(request.method, request.url);
      version += 1;
      requests.set(request.id, { ...request, version, owner, sent: show(sent), got: show(got) });
      for (const id of requests.keys()) if (requests.size > MOST_REQUESTS) requests.delete(id);
    });
    socket.setEncoding('utf8').on('data', (text) => read(String(text)));
  });
  await once(server.listen(path), 'listening');
  return {
    /** The processes that run, and the requests that came or ended after the version `last`, oldest first. */
    since: (last: number) => ({
      processes: [...processes.values()],
      requests: [...requests.values()].filter((each) => each.version > last),
    }),
  };
};

import { once } from 'node:events';
import { createServer } from 'node:net';
import { brotliDecompressSync, constants, unzipSync } from 'node:zlib';
import * as z from 'zod';
import { byLine } from '../local/terminal/format-log.ts';
import { ownerOf } from '../local/terminal/owner-of.ts';
import { type Exchange, exchange, running, type State } from './console-state.ts';

const part = z.object({ head: z.string(), body: z.base64().transform((text) => Buffer.from(text, 'base64')) });
const message = z.discriminatedUnion('kind', [
  running.extend({ kind: z.literal('process') }),
  exchange.extend({ kind: z.literal('request'), sent: part.optional(), got: part.optional() }),
]);

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
      const { kind, ...told } = message.parse(JSON.parse(line));
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
    /** Those that came or ended after `since`, oldest first. */
    requests: (since: number) => [...requests.values()].filter((each) => each.version > since),
    processes: () => [...processes.values()],
  };
};

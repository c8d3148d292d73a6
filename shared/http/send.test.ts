import { once } from 'node:events';
import { createServer, get, type ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { eventStream } from './answer.ts';
import { send } from './send.ts';

describe('a stream', () => {
  it('keeps no listener of the times that it waited for a slow reader', async () => {
    const pieces = 40;
    const counts: number[] = [];
    const watch = async function* (response: ServerResponse) {
      for (let piece = 0; piece < pieces; piece += 1) {
        counts.push(response.listenerCount('close') + response.listenerCount('drain'));
        yield 'x'.repeat(1_000_000);
      }
    };
    const server = createServer((request, response) => {
      send(request, response, 'id', eventStream(watch(response))).catch(() => response.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const size = await new Promise<number>((resolve) => {
      get({ port, host: '127.0.0.1' }, (response) => {
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
        });
        response.on('end', () => resolve(length));
      });
    });
    server.close();
    expect(size).toBe(pieces * 1_000_000);
    expect(new Set(counts).size).toBe(1);
  });
});

import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { listenOnFreePort } from '../../scripts/local/free-port.ts';
import { dialRaw, sendRaw, statusesIn } from '../../scripts/testing/raw-client.ts';
import { rawJunk } from '../../scripts/testing/raw-junk.ts';
import { eventStream, ok } from './answer.ts';
import { defineFunction } from './function.ts';
import { createServe } from './kernel.ts';
import { route } from './route.ts';
import { createKernelServer } from './seam.ts';

const SHORT_MS = 300;

let started: PromiseWithResolvers<void>;
let gate: PromiseWithResolvers<void>;
beforeEach(() => {
  started = Promise.withResolvers();
  gate = Promise.withResolvers();
});

const shared = {
  summary: 'Answers when the test says so',
  answers: { 200: { description: 'It.', schema: z.string() } },
};
const waitForTest = async () => {
  started.resolve();
  await gate.promise;
};
const reading = route({
  ...shared,
  method: 'GET',
  path: '/reading',
  handle: async () => {
    await waitForTest();
    return ok('read');
  },
});
const writing = route({
  ...shared,
  method: 'PUT',
  path: '/writing',
  input: { body: z.unknown() },
  handle: async () => {
    await waitForTest();
    return ok('written');
  },
});
const streaming = route({
  ...shared,
  method: 'GET',
  path: '/streaming',
  handle: () =>
    eventStream(
      (async function* () {
        yield 'data: first\n\n';
        await waitForTest();
        yield 'data: last\n\n';
      })(),
    ),
});
const pouring = route({
  ...shared,
  method: 'GET',
  path: '/pouring',
  handle: () =>
    eventStream(
      (async function* () {
        // More than a socket takes at once.
        yield `data: ${'x'.repeat(1_000_000)}\n\n`;
        yield 'data: last\n\n';
      })(),
    ),
});
const routes = [reading, writing, streaming, pouring];
const test = defineFunction({ name: 'test', summary: 'For tests', access: 'public', limited: false, routes });

const servers = [createKernelServer(createServe([test])), createKernelServer(createServe([test]), SHORT_MS)];
let url = '';
let hurriedUrl = '';
beforeAll(async () => {
  const ports = await Promise.all(servers.map(listenOnFreePort));
  [url = '', hurriedUrl = ''] = ports.map((port) => `http://127.0.0.1:${port}`);
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

const health = async () => (await fetch(`${url}/health`)).status;
const json = 'host: a\r\ncontent-type: application/json\r\n';
const GET = 'GET /reading HTTP/1.1\r\nhost: a\r\n\r\n';
const PUT = `PUT /writing HTTP/1.1\r\n${json}content-length: 2\r\n\r\n{}`;

/** Sends `first`, then junk in pieces while its answer is under way, then lets the answer go. */
const disturb = async (first: string, pieces: readonly (string | Uint8Array)[], last: RegExp): Promise<string> => {
  started = Promise.withResolvers();
  gate = Promise.withResolvers();
  const client = await dialRaw(url);
  client.send(first);
  await started.promise;
  for (const piece of pieces) {
    client.send(piece);
    // Its answer comes after the bytes that were sent before it have been read.
    await health();
  }
  gate.resolve();
  await client.until(last);
  await health();
  client.socket.destroy();
  return client.received();
};

describe('bytes behind a request that is being answered', () => {
  const states: readonly [what: string, first: string, last: RegExp, body: RegExp][] = [
    ['a read', GET, /"read"/, /\r\n\r\n"read"$/],
    ['a write', PUT, /"written"/, /\r\n\r\n"written"$/],
    [
      'a write that closes its connection',
      PUT.replace('host: a', 'host: a\r\nconnection: close'),
      /"written"/,
      /\r\n\r\n"written"$/,
    ],
    [
      'a stream',
      GET.replace('reading', 'streaming'),
      /\r\n0\r\n\r\n/,
      /\r\n\r\n[\da-f]+\r\ndata: first\n\n\r\n[\da-f]+\r\ndata: last\n\n\r\n0\r\n\r\n$/,
    ],
  ];
  it.each(states)('leave the answer of %s as it is, and add nothing', async (_what, first, last, body) => {
    await fc.assert(
      fc.asyncProperty(rawJunk, async (pieces) => {
        const received = await disturb(first, pieces, last);
        expect(statusesIn(received)).toEqual([200]);
        expect(received).toMatch(body);
      }),
      { numRuns: 30 },
    );
  });

  it('take no answer with them, however many follow', async () => {
    const client = await dialRaw(url);
    client.send(GET);
    await started.promise;
    client.send('x');
    await health();
    gate.resolve();
    client.send('y'.repeat(10_000_000));
    expect(await client.closed).toMatch(/"read"$/);
    expect(client.socket.errored).toBeNull();
  });

  it('leave two answers that are under way in their order', async () => {
    const received = await disturb(GET + PUT, ['GARBAGE\r\n\r\n'], /"written"/);
    expect(statusesIn(received)).toEqual([200, 200]);
    expect(received).toMatch(/"read"HTTP[\s\S]+"written"$/);
  });

  it.each(['GARBAGE\r\n\r\n', 'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n'])(
    'let an answer go on that has to wait for room to write: %j',
    async (junk) => {
      const received = await sendRaw(url, GET.replace('reading', 'pouring') + junk);
      expect(statusesIn(received)).toEqual([200]);
      expect(received).toMatch(/data: last\n\n\r\n0\r\n\r\n$/);
    },
  );
});

describe('a body that breaks off', () => {
  it('in the middle of its chunks gets one answer, and the connection ends', async () => {
    const received = await sendRaw(
      url,
      `PUT /writing HTTP/1.1\r\n${json}transfer-encoding: chunked\r\n\r\n1\r\n{\r\nZZ\r\n`,
    );
    expect(statusesIn(received)).toEqual([400]);
    expect(received).toContain('/problems/invalid-request');
    expect(received).toMatch(/connection: close/i);
  });

  it('after it was refused as too large gets no second answer', async () => {
    const client = await dialRaw(url);
    client.send(`PUT /writing HTTP/1.1\r\n${json}transfer-encoding: chunked\r\n\r\n200000\r\n${'x'.repeat(1_200_000)}`);
    await client.until(/payload-too-large/);
    client.send(`${'x'.repeat(0x200000 - 1_200_000)}ZZ\r\n`);
    expect(statusesIn(await client.closed)).toEqual([413]);
  });
});

describe('a request that does not arrive whole in time', () => {
  it.each([
    ['in its headers', 'GET /reading HTTP/1.1\r\nhost: a\r\n'],
    ['in its body', `PUT /writing HTTP/1.1\r\n${json}content-length: 9\r\n\r\n{`],
    ['with a byte now and then', `PUT /writing HTTP/1.1\r\n${json}content-length: 9000\r\n\r\n`],
    ['before its first byte', ''],
  ])('is refused once: %s', async (_where, bytes) => {
    const client = await dialRaw(hurriedUrl);
    client.send(bytes);
    const drip = setInterval(() => bytes.endsWith('\r\n\r\n') && client.send(' '), SHORT_MS / 10);
    const received = await client.closed;
    clearInterval(drip);
    expect(statusesIn(received)).toEqual([400]);
    expect(received).toContain('did not arrive whole within');
  });

  it('does not touch a connection between two requests', async () => {
    gate.resolve();
    const client = await dialRaw(hurriedUrl);
    client.send(GET);
    await client.until(/"read"/);
    const late = sendRaw(hurriedUrl, 'GET /');
    expect(statusesIn(await late)).toEqual([400]);
    client.send(GET.replace('host: a', 'host: a\r\nconnection: close'));
    expect(statusesIn(await client.closed)).toEqual([200, 200]);
  });
});

describe('bytes that are no request', () => {
  it('get their problem, at first and between two requests, and the connection ends', async () => {
    gate.resolve();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', GET),
        fc.constantFrom('x\r\n\r\n', '\0', 'GET\r\n\r\n'),
        async (first, bytes) => {
          const client = await dialRaw(url);
          client.send(first);
          if (first !== '') await client.until(/"read"/);
          client.send(bytes);
          const received = await client.closed;
          expect(statusesIn(received)).toEqual(first === '' ? [400] : [200, 400]);
          expect(received).toMatch(/application\/problem\+json/);
        },
      ),
    );
  });

  it('that ask for a tunnel get their problem, and the connection ends', async () => {
    const received = await sendRaw(url, 'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\nmore');
    expect(statusesIn(received)).toEqual([400]);
    expect(received).toContain('CONNECT');
  });

  it('leave the server serving', async () => {
    expect(await health()).toBe(200);
  });
});

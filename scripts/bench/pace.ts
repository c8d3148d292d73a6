import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ask } from './wrk-load.ts';

/*
 * Requests at a steady rate, which load generators that flood cannot send. A latency counts from the moment at which
 * the request was due, so that a server that stalls cannot hide it by holding the next ones back.
 */

const LANES = 32;

const toBytes = ({ method, path, body }: Ask): Buffer => {
  const head = [`${method} ${path} HTTP/1.1`, 'host: bench'];
  if (body !== undefined) head.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
};

/** Whether `bytes` hold one whole answer. */
const isWhole = (bytes: Buffer): boolean => {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1];
  return bytes.length >= end + 4 + Number(length ?? 0);
};

const openLane = async (port: number, onAnswer: () => void) => {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  await once(socket, 'connect');
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    if (!isWhole(received)) return;
    received = Buffer.alloc(0);
    onAnswer();
  });
  return socket;
};

/** The 99th percentile of the latencies of `rate` requests a second, in milliseconds. */
export const p99At = async (url: string, ask: Ask, rate: number, seconds: number): Promise<number> => {
  const bytes = toBytes(ask);
  const latencies: number[] = [];
  const due: number[] = [];
  const idle: (() => void)[] = [];
  const lanes = await Promise.all(
    Array.from({ length: LANES }, async () => {
      let dueAt = 0;
      const next = () => {
        const at = due.shift();
        if (at === undefined) {
          idle.push(next);
          return;
        }
        dueAt = at;
        socket.write(bytes);
      };
      const socket = await openLane(Number(new URL(url).port), () => {
        latencies.push(performance.now() - dueAt);
        next();
      });
      idle.push(next);
      return socket;
    }),
  );
  const from = performance.now();
  for (let sent = 0; sent < rate * seconds; await pause(1)) {
    const now = performance.now();
    for (; sent < ((now - from) / 1_000) * rate; sent += 1) {
      due.push(from + (sent / rate) * 1_000);
      idle.pop()?.();
    }
  }
  for (const socket of lanes) socket.destroy();
  latencies.sort((a, b) => a - b);
  return latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
};

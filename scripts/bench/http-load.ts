import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { hasCommand, pinned, type Running } from './machine.ts';

const run = promisify(execFile);
/** At once, unless another number is given. */
const CONNECTIONS = 32;

/** One request, sent again and again. */
export interface Ask {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly connections?: number;
}

export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const scripts = mkdtempSync(join(tmpdir(), 'bench-'));
const hasWrk = hasCommand('wrk');

const withWrk = async (
  url: string,
  { method, path, body, connections = CONNECTIONS }: Ask,
  seconds: number,
): Promise<Load> => {
  const script = join(scripts, 'ask.lua');
  const lines = [
    `wrk.method = "${method}"`,
    `wrk.headers["content-type"] = "application/json"`,
    `wrk.body = [[${body}]]`,
  ];
  // The closing function prints what can be read without guessing at the units of wrk's own report.
  const figures = ['s.requests', 's.duration', 's.errors.status', 'latency:percentile(50)', 'latency:percentile(99)'];
  const done = `done = function(s, latency) print("DONE " .. ${figures.join(' .. " " .. ')}) end`;
  writeFileSync(script, [...(body === undefined ? [] : lines), done].join('\n'));
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url + path];
  const { stdout } = await run(...pinned(1, 'wrk', args));
  const printed = (/DONE (.*)/.exec(stdout)?.[1] ?? '').split(' ').map(Number);
  const [requests = 0, micros = 1, failures = 0, p50 = Number.NaN, p99 = Number.NaN] = printed;
  return { requests, perSecond: (requests / micros) * 1e6, failures, p50Ms: p50 / 1_000, p99Ms: p99 / 1_000 };
};

const autocannonResult = z.object({
  requests: z.object({ total: z.number() }),
  duration: z.number(),
  non2xx: z.number(),
  latency: z.object({ p50: z.number(), p99: z.number() }),
});

const withAutocannon = async (url: string, ask: Ask, seconds: number): Promise<Load> => {
  const body = ask.body === undefined ? [] : ['-b', ask.body, '-H', 'content-type=application/json'];
  const program = ['node_modules/autocannon/autocannon.js', '-j', '-n', '-c', String(ask.connections ?? CONNECTIONS)];
  const args = [...program, '-d', String(seconds), '-m', ask.method, ...body, url + ask.path];
  const { stdout } = await run(...pinned(1, process.execPath, args), { maxBuffer: 16e6 });
  const { requests, duration, non2xx, latency } = autocannonResult.parse(JSON.parse(stdout));
  const perSecond = requests.total / duration;
  return { requests: requests.total, perSecond, failures: non2xx, p50Ms: latency.p50, p99Ms: latency.p99 };
};

/** As many requests as the connections can send in `seconds`: wrk when it is on the PATH, else autocannon. */
export const flood = ({ url }: Running, ask: Ask, seconds: number): Promise<Load> =>
  hasWrk ? withWrk(url, ask, seconds) : withAutocannon(url, ask, seconds);

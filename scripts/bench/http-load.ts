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
  const done = `done = function(s) print("DONE " .. s.requests .. " " .. s.duration .. " " .. s.errors.status) end`;
  writeFileSync(script, [...(body === undefined ? [] : lines), done].join('\n'));
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url + path];
  const { stdout } = await run(...pinned(1, 'wrk', args));
  const [requests = 0, micros = 1, failures = 0] = (/DONE (.*)/.exec(stdout)?.[1] ?? '').split(' ').map(Number);
  return { requests, perSecond: (requests / micros) * 1e6, failures };
};

const autocannonResult = z.object({
  requests: z.object({ total: z.number() }),
  duration: z.number(),
  non2xx: z.number(),
  latency: z.object({ p99: z.number() }),
});

const autocannon = async (url: string, ask: Ask, seconds: number, options: readonly string[]) => {
  const body = ask.body === undefined ? [] : ['-b', ask.body, '-H', 'content-type=application/json'];
  const program = ['node_modules/autocannon/autocannon.js', '-j', '-n', '-c', String(ask.connections ?? CONNECTIONS)];
  const args = [...program, '-d', String(seconds), '-m', ask.method, ...options, ...body, url + ask.path];
  const { stdout } = await run(...pinned(1, process.execPath, args), { maxBuffer: 16e6 });
  return autocannonResult.parse(JSON.parse(stdout));
};

const withAutocannon = async (url: string, ask: Ask, seconds: number): Promise<Load> => {
  const { requests, duration, non2xx } = await autocannon(url, ask, seconds, []);
  return { requests: requests.total, perSecond: requests.total / duration, failures: non2xx };
};

/**
 * The 99th percentile of the latencies at a steady rate, in whole milliseconds. autocannon's `-R` counts each latency from
 * when its request was due, so a server that stalls cannot hide it by holding the next ones back.
 */
export const p99At = async ({ url }: Running, ask: Ask, rate: number, seconds: number): Promise<number> => {
  const { latency } = await autocannon(url, ask, seconds, ['-R', String(Math.round(rate))]);
  return latency.p99;
};

/** As many requests as the connections can send in `seconds`: wrk when it is on the PATH, else autocannon. */
export const flood = ({ url }: Running, ask: Ask, seconds: number): Promise<Load> =>
  hasWrk ? withWrk(url, ask, seconds) : withAutocannon(url, ask, seconds);

import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import * as z from 'zod';
import { programsOnPath } from '../local/processes.ts';
import { pinned, type RunningServer } from './machine.ts';

const run = promisify(execFile);
const CONNECTIONS = 32;
const SCRIPT = '.cache/wrk.lua';

export interface RequestSpec {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: string;
  /** Requests in flight at once; 32 by default. */
  readonly connections?: number;
}

/** Sends one request. @throws Error unless the status is 2xx */
export const send = async (url: string, { method, path, body }: RequestSpec): Promise<Response> => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url + path, { method, ...(body !== undefined && { body, headers }) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
};

const loadWithWrk = async (url: string, request: Required<RequestSpec>, seconds: number) => {
  const { method, path, body, connections } = request;
  const setUp = `
    wrk.method = "${method}"
    wrk.headers["content-type"] = "application/json"
    wrk.body = [[${body}]]`;
  // wrk's own report mixes units and is hard to parse.
  const report = `
    done = function(summary, latency)
      print("DONE " .. table.concat({ summary.requests, summary.duration, summary.errors.status,
        latency:percentile(50), latency:percentile(99) }, " "))
    end`;
  mkdirSync('.cache', { recursive: true });
  writeFileSync(SCRIPT, `${body === '' ? '' : setUp}${report}`);
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', SCRIPT, url + path];
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

const loadWithAutocannon = async (url: string, request: Required<RequestSpec>, seconds: number) => {
  const { method, path, body, connections } = request;
  const options = ['-j', '-n', '-c', String(connections), '-d', String(seconds), '-m', method];
  const content = body === '' ? [] : ['-b', body, '-H', 'content-type=application/json'];
  const args = ['node_modules/autocannon/autocannon.js', ...options, ...content, url + path];
  const { stdout } = await run(...pinned(1, process.execPath, args), { maxBuffer: 16e6 });
  const { requests, duration, non2xx: failures, latency } = autocannonResult.parse(JSON.parse(stdout));
  const { total } = requests;
  return { requests: total, perSecond: total / duration, failures, p50Ms: latency.p50, p99Ms: latency.p99 };
};

const load = programsOnPath(['wrk']).length > 0 ? loadWithWrk : loadWithAutocannon;

/** Sends the request over and over for `seconds`, as fast as the answers come. @throws Error if an answer is not 2xx */
export const flood = async ({ url }: RunningServer, request: RequestSpec, seconds: number) => {
  const result = await load(url, { body: '', connections: CONNECTIONS, ...request }, seconds);
  if (result.failures === 0) return result;
  throw new Error(`${request.method} ${request.path}: ${result.failures} of ${result.requests} answers were not 2xx`);
};

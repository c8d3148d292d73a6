import http from 'node:http';
import * as z from 'zod';
import { problemSchema } from '../../../shared/problems/problem-schema.ts';

/** One answer, or the lack of one, as a caller met it. */
export interface Call {
  readonly at: number;
  readonly ms: number;
  readonly status: number;
  /** As the contract promises: what was asked for, or a problem of the catalogue that says when to try again. */
  readonly asPromised: boolean;
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** No answer within this time is a hang. */
const HANG_MS = 5_000;

interface SendOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly agent?: http.Agent;
  readonly hangMs?: number;
}

/** Sends one request; status 0 when the connection broke or nothing came. */
export const send = (
  url: string,
  { method = 'GET', body, agent, hangMs = HANG_MS }: SendOptions = {},
): Promise<Answer> =>
  new Promise((resolve) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = http.request(url, { method, headers, agent, timeout: hangMs }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.on('error', () => resolve({ status: 0, headers: {}, body: '' }));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', (error) => resolve({ status: 0, headers: {}, body: error.message }));
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });

const problem = problemSchema.extend({ type: z.literal('/problems/redis-unavailable') });

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isPromised = ({ status, headers, body }: Answer): boolean => {
  if (status !== 503) return status === 200 || status === 201;
  const isProblem = headers['content-type'] === 'application/problem+json' && headers['retry-after'] !== undefined;
  return isProblem && problem.safeParse(parse(body)).success;
};

/** Clients that count and read, one request after the other. */
export interface Load {
  readonly calls: readonly Call[];
  /** Resolves when so many more calls have ended. */
  readonly more: (calls: number) => Promise<void>;
  /**
   * The longest that a call waited beyond the longest of those that need no Redis: what the machine itself stood
   * still, busy with other things, says nothing of the fault.
   */
  readonly longestMs: () => number;
  /** How often each counter was asked to rise, and how often that was acknowledged. */
  readonly sent: () => ReadonlyMap<string, number>;
  readonly acknowledged: () => ReadonlyMap<string, number>;
}

interface LoadOptions {
  /** Each client calls one of them, in turn. */
  readonly urls: () => readonly string[];
  readonly clients: number;
  /** Start of the counters' names. */
  readonly prefix: string;
}

const add = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);

const startLoad = ({ urls, clients, prefix }: LoadOptions): Load & { readonly stop: () => Promise<void> } => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients + 1 });
  const calls: Call[] = [];
  const sent = new Map<string, number>();
  const acknowledged = new Map<string, number>();
  let isStopping = false;

  const call = async (client: number, round: number): Promise<void> => {
    const base = urls()[client % urls().length] ?? '';
    const name = `${prefix}-${client}`;
    const isWrite = round % 3 === 0;
    const reads = [`/counters?prefix=${prefix}&limit=5`, `/counters/${name}`];
    if (isWrite) add(sent, name);
    const started = performance.now();
    const answer = isWrite
      ? await send(`${base}/counters/${name}`, { method: 'POST', body: { by: 1 }, agent })
      : await send(base + (reads[round % 2] ?? ''), { agent });
    const ended = performance.now();
    if (isWrite && answer.status === 200) add(acknowledged, name);
    // A counter whose first increment failed is not there yet.
    const isNew = answer.status === 404 && !acknowledged.has(name);
    calls.push({
      at: ended,
      ms: ended - started,
      status: isNew ? 200 : answer.status,
      asPromised: isNew || isPromised(answer),
    });
  };
  const run = async (client: number): Promise<void> => {
    for (let round = 0; !isStopping; round += 1) await call(client, round);
  };
  let healthMs = 0;
  const watch = async (): Promise<void> => {
    while (!isStopping) {
      const started = performance.now();
      const { status } = await send(`${urls()[0]}/health`, { agent });
      if (status === 200) healthMs = Math.max(healthMs, performance.now() - started);
    }
  };
  const running = Promise.all([watch(), ...Array.from({ length: clients }, (_, client) => run(client))]);
  return {
    calls,
    more: async (count) => {
      const wanted = calls.length + count;
      while (calls.length < wanted) await new Promise((resolve) => setImmediate(resolve));
    },
    stop: async () => {
      isStopping = true;
      await running;
      agent.destroy();
    },
    longestMs: () => Math.max(0, ...calls.map(({ ms }) => ms)) - healthMs,
    sent: () => sent,
    acknowledged: () => acknowledged,
  };
};

/** Does `work` under load, which ends with it, also when it fails: no load reaches into the next test. */
export const underLoad = async (options: LoadOptions, work: (load: Load) => Promise<void>): Promise<Load> => {
  const load = startLoad(options);
  try {
    await work(load);
  } finally {
    await load.stop();
  }
  return load;
};

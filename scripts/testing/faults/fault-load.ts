import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod';
import { problemSchema } from '../../../shared/problems/problem.ts';
import { jsonText } from '../../local/json-text.ts';
import { messageOf } from '../../local/message-of.ts';

/** No answer within this time is a hang. */
const HANG_MS = 5_000;

interface SendOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly agent?: http.Agent;
  readonly hangMs?: number;
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Sends one request; status 0 when the connection broke or nothing came. */
export const send = async (
  url: string,
  { method = 'GET', body, agent, hangMs = HANG_MS }: SendOptions = {},
): Promise<Answer> => {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const request = http.request(url, { method, headers, agent, timeout: hangMs });
  request.on('error', () => {}).on('timeout', () => request.destroy());
  request.end(body === undefined ? undefined : JSON.stringify(body));
  try {
    const [response] = await once(request, 'response');
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  } catch (error) {
    return { status: 0, headers: {}, body: messageOf(error) };
  }
};

const problem = jsonText.pipe(problemSchema.extend({ type: z.literal('/problems/redis-unavailable') }));

/** As the contract promises: what was asked for, or a problem of the catalogue that says when to try again. */
const isPromised = ({ status, headers, body }: Answer): boolean => {
  if (status !== 503) return status === 200 || status === 201;
  const isProblem = headers['content-type'] === 'application/problem+json' && headers['retry-after'] !== undefined;
  return isProblem && problem.safeParse(body).success;
};

/** One answer, or the lack of one, as a caller met it. */
interface Call {
  readonly at: number;
  readonly ms: number;
  readonly status: number;
  readonly asPromised: boolean;
}

interface LoadOptions {
  /** Each client calls one of them, in turn. */
  readonly urls: () => readonly string[];
  readonly clients: number;
  /** Start of the counters' names. */
  readonly prefix: string;
}

const add = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);

/** Clients that count and read, one request after the other. */
const startLoad = ({ urls, clients, prefix }: LoadOptions) => {
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
    const at = performance.now();
    if (isWrite && answer.status === 200) add(acknowledged, name);
    // A counter whose first increment failed is not there yet.
    const isNew = answer.status === 404 && !acknowledged.has(name);
    const status = isNew ? 200 : answer.status;
    calls.push({ at, ms: at - started, status, asPromised: isNew || isPromised(answer) });
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
    /** How often each counter was asked to rise, and how often that was acknowledged. */
    sent,
    acknowledged,
    /** Resolves when so many more calls have ended. */
    more: async (count: number): Promise<void> => {
      const wanted = calls.length + count;
      while (calls.length < wanted) await nextTurn();
    },
    /**
     * The longest that a call waited beyond the longest of those that need no Redis: what the machine itself stood
     * still, busy with other things, says nothing of the fault.
     */
    longestMs: () => Math.max(0, ...calls.map(({ ms }) => ms)) - healthMs,
    stop: async (): Promise<void> => {
      isStopping = true;
      await running;
      agent.destroy();
    },
  };
};

export type Load = ReturnType<typeof startLoad>;

/** Does `work` under load, which ends with it, also when it fails: no load reaches into the next test. */
export const underLoad = async (options: LoadOptions, work: (load: Load) => Promise<void>): Promise<Load> => {
  const load = startLoad(options);
  await work(load).finally(load.stop);
  return load;
};

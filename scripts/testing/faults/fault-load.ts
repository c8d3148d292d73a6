import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod';
import { problemSchema } from '../../../shared/problems/problem.ts';
import { jsonText } from '../../local/json-text.ts';
import { messageOf } from '../../local/message-of.ts';

// The load needs a client that is cheaper than fetch.
const agent = new http.Agent({ keepAlive: true });

interface SendOptions {
  readonly method?: string;
  /** Sent as it is, whereas a path in the URL would be normalised. */
  readonly path?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  /** Sent as JSON. A string is sent as it is. */
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Sends one request. The status is 0 when the connection breaks or the request times out. */
export const send = async (url: string, { body, timeoutMs = 5_000, ...options }: SendOptions = {}): Promise<Answer> => {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const request = http.request(url, { headers, agent, timeout: timeoutMs, ...options });
  request.on('error', () => {}).on('timeout', () => request.destroy(new Error('timed out')));
  request.end(typeof body === 'string' ? body : JSON.stringify(body));
  try {
    const [response] = await once(request, 'response');
    const answer = { status: response.statusCode, headers: response.headers };
    if (response.headers['content-type'] !== 'text/event-stream') return { ...answer, body: await text(response) };
    // An event stream does not end. Its first chunk, which HEAD does not have, is enough.
    const [chunk = ''] = await Promise.race([once(response, 'data'), once(response, 'end')]);
    request.destroy();
    return { ...answer, body: String(chunk) };
  } catch (error) {
    return { status: 0, headers: {}, body: messageOf(error) };
  }
};

const unavailable = jsonText.pipe(problemSchema.extend({ type: z.literal('/problems/redis-unavailable') }));

/** Whether an answer keeps the contract: a success, or a `redis-unavailable` problem with Retry-After. */
const isExpected = ({ status, headers, body }: Answer): boolean => {
  if (status !== 503) return status === 200 || status === 201;
  const isProblem = headers['content-type'] === 'application/problem+json' && 'retry-after' in headers;
  return isProblem && unavailable.safeParse(body).success;
};

interface Call {
  readonly endedAt: number;
  readonly ms: number;
  readonly status: number;
  readonly isExpected: boolean;
  /** The counter that this call incremented; empty for a read. */
  readonly incremented: string;
}

interface LoadOptions {
  /** Servers, shared out among the clients. */
  readonly urls: () => readonly string[];
  readonly clients: number;
  /** The prefix of the counters' names. Each client has one counter. */
  readonly prefix: string;
}

/**
 * Runs `work` while clients increment and read counters, each one request at a time. The load stops when `work` ends
 * or throws.
 * @param work gets a function that waits for that many further calls
 */
export const underLoad = async (
  { urls, clients, prefix }: LoadOptions,
  work: (more: (count: number) => Promise<void>) => Promise<void>,
) => {
  const calls: Call[] = [];
  let isStopping = false;
  let slowestHealthMs = 0;

  const runClient = async (client: number): Promise<void> => {
    const name = `${prefix}-${client}`;
    const reads = [`/counters?prefix=${prefix}&limit=5`, `/counters/${name}`];
    let exists = false;
    for (let round = 0; !isStopping; round += 1) {
      const base = urls()[client % urls().length] ?? '';
      const isWrite = round % 3 === 0;
      const started = performance.now();
      const answer = isWrite
        ? await send(`${base}/counters/${name}`, { method: 'POST', body: { by: 1 } })
        : await send(base + (reads[round % 2] ?? ''));
      const endedAt = performance.now();
      exists ||= isWrite && answer.status === 200;
      // Until its first increment succeeds, a counter is rightly not found.
      const isNotYetThere = answer.status === 404 && !exists;
      calls.push({
        endedAt,
        ms: endedAt - started,
        status: answer.status,
        isExpected: isNotYetThere || isExpected(answer),
        incremented: isWrite ? name : '',
      });
    }
  };
  const watchHealth = async (): Promise<void> => {
    while (!isStopping) {
      const started = performance.now();
      const { status } = await send(`${urls()[0]}/health`);
      if (status === 200) slowestHealthMs = Math.max(slowestHealthMs, performance.now() - started);
    }
  };
  const more = async (count: number): Promise<void> => {
    const wanted = calls.length + count;
    while (calls.length < wanted) await nextTurn();
  };
  const running = Promise.all([watchHealth(), ...Array.from({ length: clients }, (_, client) => runClient(client))]);
  try {
    await work(more);
  } finally {
    isStopping = true;
    await running;
  }
  return {
    calls,
    /** How much longer the slowest call took than the slowest health check, which shows how busy the machine was. */
    excessMs: calls.reduce((most, { ms }) => Math.max(most, ms), 0) - slowestHealthMs,
  };
};

type Load = Awaited<ReturnType<typeof underLoad>>;

/**
 * What a load went through during a fault that ended at `endedAt`.
 * @param stored reads a counter from Redis
 */
export const outcomeOf = async (
  { calls, excessMs }: Load,
  endedAt: number,
  stored: (name: string) => Promise<number>,
) => {
  const failures = calls.filter(({ status }) => status === 0 || status >= 500);
  const writes = calls.filter(({ incremented }) => incremented !== '');
  let lost = 0;
  for (const [name, sent] of Map.groupBy(writes, ({ incremented }) => incremented)) {
    const value = await stored(name);
    if (value > sent.length) throw new Error(`${name} is ${value} after ${sent.length} increments`);
    lost += Math.max(0, sent.filter(({ status }) => status === 200).length - value);
  }
  return {
    /** The status of each answer that breaks the contract. */
    unexpected: calls.filter((call) => !call.isExpected).map(({ status }) => status),
    /** Acknowledged increments that Redis does not hold. */
    lost,
    servedShare: 1 - failures.length / calls.length,
    excessMs,
    /** Time from the end of the fault to the last failure. */
    recoveryMs: Math.max(0, (failures.at(-1)?.endedAt ?? 0) - endedAt),
  };
};

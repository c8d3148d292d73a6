import { startProxy } from '../testing/tcp-proxy.ts';
import { watchWire } from './count-trips.ts';
import { type Ask, flood, p99At } from './http-load.ts';
import { type Running, type ServerSpec, startServer } from './machine.ts';
import { median, type Row } from './report.ts';
import { ceiling, naive, ours, peer, type Where } from './servers.ts';

type Rival = 'naive' | 'fastify' | 'hono' | 'ceiling';

/** Something that is asked for again and again, and what it stands beside. */
export interface Scenario {
  readonly name: string;
  readonly target: string;
  readonly ask: Ask;
  /** Milliseconds that each reply of Redis is held back, by a proxy beside the load; none unless given. */
  readonly distanceMs?: number;
  readonly beside: readonly Rival[];
  readonly goal: string;
  /** Requests that make what is asked for, in order. */
  readonly seed?: readonly { readonly target: string; readonly ask: Ask }[];
}

export const send = async (url: string, { method, path, body }: Ask): Promise<Response> => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url + path, { method, ...(body !== undefined && { body, headers }) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
};

/** Makes what a scenario asks for. The naive function's user serves the peers too. */
export const seedFor = async ({ seed = [], beside }: Scenario, where: Where): Promise<void> => {
  for (const start of beside.includes('naive') ? [ours, naive] : [ours]) {
    for (const { target, ask } of seed) {
      const server = await startServer(start(target, where));
      await send(server.url, ask).finally(server.stop);
    }
  }
};

const specOf = async (rival: Rival, scenario: Scenario, where: Where): Promise<ServerSpec> => {
  if (rival === 'naive') return naive(scenario.target, where);
  return rival === 'ceiling' ? ceiling(where, await commandOf(scenario, where)) : peer(rival, where);
};

/** The command that our function sends for this request, read off the wire. */
const commandOf = async ({ target, ask }: Scenario, where: Where): Promise<readonly string[]> => {
  const wire = await watchWire(where.redisPort);
  const server = await startServer(ours(target, { redisPort: wire.port }));
  // A script goes by its name from the second time on.
  for (let at = 0; at < 3; at += 1) await send(server.url, ask);
  const { commands } = await wire.during(() => send(server.url, ask));
  await server.stop();
  await wire.stop();
  return commands[0] ?? ['PING'];
};

/** Who takes part in a race, and what it is asked for. */
export interface Contestant {
  readonly name: string;
  readonly spec: ServerSpec;
  readonly ask: Ask;
}

interface Leg extends Contestant {
  readonly server: Running;
  readonly perSecond: number[];
  readonly cpuMicros: number[];
}

export interface Result {
  readonly name: string;
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p99Ms: number;
}

const measure = async ({ server, ask, perSecond, cpuMicros, name }: Leg, seconds: number): Promise<void> => {
  const before = server.cpuSeconds();
  const load = await flood(server, ask, seconds);
  if (load.failures > 0) throw new Error(`${name}: ${load.failures} of ${load.requests} answers were failures`);
  perSecond.push(load.perSecond);
  cpuMicros.push(((server.cpuSeconds() - before) / load.requests) * 1e6);
};

const SECONDS = 2;

/** Requests a second and CPU a request, in turn: A B C, A B C, …; then the latency of each at half its rate. */
export const race = async (contestants: readonly Contestant[], rounds: number): Promise<Result[]> => {
  const legs: Leg[] = [];
  try {
    for (const contestant of contestants) {
      const leg = { ...contestant, server: await startServer(contestant.spec), perSecond: [], cpuMicros: [] };
      legs.push(leg);
      await flood(leg.server, leg.ask, 1);
    }
    for (let round = 0; round < rounds; round += 1) for (const leg of legs) await measure(leg, SECONDS);
    const results: Result[] = [];
    for (const { name, server, ask, ...leg } of legs) {
      const perSecond = median(leg.perSecond);
      const p99Ms = await p99At(server, ask, perSecond / 2, SECONDS);
      results.push({ name, perSecond, cpuMicros: median(leg.cpuMicros), p99Ms });
    }
    return results;
  } finally {
    for (const { server } of legs) await server.stop();
  }
};

const KINDS = [
  { what: ', CPU of one request', unit: 'µs', of: ({ cpuMicros }: Result) => cpuMicros },
  { what: ', at full load', unit: 'requests/s', of: ({ perSecond }: Result) => perSecond },
  { what: ', p99 at half the top rate', unit: 'ms', of: ({ p99Ms }: Result) => p99Ms },
];

/** The first result beside the others, as rows of the table. */
export const toRows = (name: string, goal: string, [us, ...others]: readonly Result[]): Row[] => {
  if (us === undefined) return [];
  return KINDS.map(({ what, unit, of }) => ({
    name: name + what,
    ours: of(us),
    unit,
    beside: others.map((other) => ({ name: other.name, value: of(other), ratio: of(us) / of(other) })),
    ...(unit === 'µs' && { goal }),
  }));
};

const raceOf = async (scenario: Scenario, where: Where, rounds: number): Promise<Row[]> => {
  const { name, target, ask, beside, goal } = scenario;
  const contestants: Contestant[] = [{ name: 'ours', spec: ours(target, where), ask }];
  for (const other of beside) {
    contestants.push({ name: other, spec: await specOf(other, scenario, where), ask });
  }
  return toRows(name, goal, await race(contestants, rounds));
};

export const throughput = async (scenario: Scenario, where: Where, rounds: number): Promise<Row[]> => {
  await seedFor(scenario, where);
  if (scenario.distanceMs === undefined) return raceOf(scenario, where, rounds);
  const proxy = await startProxy(where.redisPort);
  proxy.slowDown(scenario.distanceMs);
  return raceOf(scenario, { ...where, redisPort: proxy.port }, rounds).finally(proxy.stop);
};

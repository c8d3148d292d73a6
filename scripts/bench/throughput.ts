import { startProxy } from '../testing/tcp-proxy.ts';
import { watchWire } from './count-trips.ts';
import { type Ask, flood, type Load } from './http-load.ts';
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

type Figures = Pick<Load, 'perSecond' | 'p50Ms' | 'p99Ms'> & { readonly cpuMicros: number };

/** What a contestant did, round by round. */
export interface Result {
  readonly name: string;
  readonly rounds: readonly Figures[];
}

export const medianOf = ({ rounds }: Result, figure: keyof Figures): number =>
  median(rounds.map((round) => round[figure]));

const measure = async ({ server, ask, name }: Contestant & { server: Running }, seconds: number): Promise<Figures> => {
  const before = server.cpuSeconds();
  const load = await flood(server, ask, seconds);
  if (load.failures > 0) throw new Error(`${name}: ${load.failures} of ${load.requests} answers were failures`);
  return { ...load, cpuMicros: ((server.cpuSeconds() - before) / load.requests) * 1e6 };
};

const SECONDS = 2;

/** As many requests as the connections can send, in turn: A B C, A B C, … */
export const race = async (contestants: readonly Contestant[], rounds: number): Promise<Result[]> => {
  const legs: (Contestant & { server: Running; rounds: Figures[] })[] = [];
  try {
    for (const contestant of contestants) {
      const leg = { ...contestant, server: await startServer(contestant.spec), rounds: [] };
      legs.push(leg);
      await flood(leg.server, leg.ask, 1);
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const leg of legs) leg.rounds.push(await measure(leg, SECONDS));
    }
    return legs;
  } finally {
    for (const { server } of legs) await server.stop();
  }
};

const KINDS = [
  { what: 'CPU of one request', unit: 'µs', figure: 'cpuMicros' },
  { what: 'at full load', unit: 'requests/s', figure: 'perSecond' },
  { what: 'p50 at full load', unit: 'ms', figure: 'p50Ms' },
  { what: 'p99 at full load', unit: 'ms', figure: 'p99Ms' },
] as const;

/** The first result beside the others, as rows of the table. */
export const toRows = (name: string, goal: string, [us, ...others]: readonly Result[]): Row[] => {
  if (us === undefined) return [];
  return KINDS.map(({ what, unit, figure }) => {
    const value = medianOf(us, figure);
    const beside = others.map((other) => ({ name: other.name, value: medianOf(other, figure) }));
    return {
      name: `${name}, ${what}`,
      ours: value,
      unit,
      beside: beside.map((other) => ({ ...other, ratio: value / other.value })),
      ...(unit === 'µs' && { goal }),
    };
  });
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

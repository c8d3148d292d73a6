import { type Ask, flood, trickle } from './load.ts';
import { type Running, type ServerSpec, startServer } from './machine.ts';
import { median, type Row } from './report.ts';
import { ceiling, hello, naive, ours, type Where } from './servers.ts';
import { watchWire } from './wire.ts';

/** Something that is asked for again and again, and what it stands beside. */
export interface Scenario {
  readonly name: string;
  readonly target: string;
  readonly ask: Ask;
  readonly beside: readonly ('naive' | 'ceiling' | 'hello')[];
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

/** Makes what a scenario asks for, ours and the naive function's own. */
export const seedFor = async ({ seed = [], beside }: Scenario, where: Where): Promise<void> => {
  for (const start of beside.includes('naive') ? [ours, naive] : [ours]) {
    for (const { target, ask } of seed) {
      const server = await startServer(start(target, where));
      await send(server.url, ask).finally(server.stop);
    }
  }
};

/** The command that our function sends for this request, read off the wire. */
const commandOf = async ({ target, ask }: Scenario, where: Where): Promise<readonly string[]> => {
  const wire = await watchWire(where.redisPort);
  const server = await startServer(ours(target, { redisPort: wire.port }));
  await send(server.url, ask);
  const { commands } = await wire.during(() => send(server.url, ask));
  await server.stop();
  wire.stop();
  return commands[0] ?? ['PING'];
};

interface Leg {
  readonly name: string;
  readonly server: Running;
  readonly ask: Ask;
  readonly perSecond: number[];
  readonly cpuMicros: number[];
}

const measure = async ({ server, ask, perSecond, cpuMicros, name }: Leg, seconds: number): Promise<void> => {
  const before = server.cpuSeconds();
  const load = await flood(server, ask, seconds);
  if (load.failures > 0) throw new Error(`${name}: ${load.failures} of ${load.requests} answers were failures`);
  perSecond.push(load.perSecond);
  cpuMicros.push(((server.cpuSeconds() - before) / load.requests) * 1e6);
};

/** Requests a second and CPU a request, in turn: A B C, A B C, … */
export const throughput = async (scenario: Scenario, where: Where, rounds: number, seconds = 2): Promise<Row[]> => {
  await seedFor(scenario, where);
  const specs: Readonly<Record<string, () => Promise<ServerSpec> | ServerSpec>> = {
    ours: () => ours(scenario.target, where),
    naive: () => naive(scenario.target, where),
    hello,
    ceiling: async () => ceiling(await commandOf(scenario, where), where),
  };
  const legs: Leg[] = [];
  try {
    for (const name of ['ours', ...scenario.beside]) {
      const spec = await specs[name]?.();
      if (spec === undefined) continue;
      const server = await startServer(spec);
      const leg = { name, server, ask: scenario.ask, perSecond: [], cpuMicros: [] };
      legs.push(leg);
      await flood(server, scenario.ask, 1);
    }
    for (let round = 0; round < rounds; round += 1) for (const leg of legs) await measure(leg, seconds);
    const [us, ...others] = legs;
    if (us === undefined) return [];
    const rate = median(us.perSecond);
    const cpu = median(us.cpuMicros);
    const p99: number[] = [];
    for (const { server, perSecond } of legs) {
      p99.push((await trickle(server, scenario.ask, seconds, Math.round(median(perSecond) / 2))).p99Ms);
    }
    return [
      {
        name: scenario.name,
        ours: rate,
        unit: 'requests/s',
        beside: others.map(({ name, perSecond }) => ({
          name,
          value: median(perSecond),
          ratio: rate / median(perSecond),
        })),
        goal: scenario.goal,
      },
      {
        name: `${scenario.name}, CPU of one request`,
        ours: cpu,
        unit: 'µs',
        beside: others.map(({ name, cpuMicros }) => ({
          name,
          value: median(cpuMicros),
          ratio: cpu / median(cpuMicros),
        })),
      },
      {
        name: `${scenario.name}, p99 at half the top rate`,
        ours: p99[0] ?? Number.NaN,
        unit: 'ms',
        beside: others.map(({ name }, at) => ({
          name,
          value: p99[at + 1] ?? Number.NaN,
          ratio: (p99[0] ?? Number.NaN) / (p99[at + 1] ?? Number.NaN),
        })),
      },
    ];
  } finally {
    for (const { server } of legs) await server.stop();
  }
};

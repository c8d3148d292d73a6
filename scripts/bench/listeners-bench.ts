import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { withHistory } from './history-bench.ts';
import { type Running, startServer } from './machine.ts';
import type { Row } from './report.ts';
import { ours, type Where } from './servers.ts';

/** A logical database for the samples, away from the others. */
const DATABASE = 14;
/** As many streams as an instance holds; one of them, and all of them, are compared. */
const LISTENERS = 450;
const EVENTS = 200;

/** A client of its own for each few streams, since one client may hold no more. */
const openStream = async ({ url }: Running, at: number): Promise<IncomingMessage> => {
  const headers = { 'x-forwarded-for': `10.0.${at >> 3}.1` };
  const [response]: IncomingMessage[] = await once(
    get(`${url}/is-bitcoin-lit/events`, { agent: false, headers }),
    'response',
  );
  if (response?.statusCode !== 200) throw new Error(`stream ${at} was answered ${response?.statusCode}`);
  await once(response, 'data');
  return response;
};

/** CPU of the function for one event that reaches one of so many streams. */
const costOfEvent = async (count: number, where: Where): Promise<number> => {
  const { spec, client, stop } = await withHistory(where, 1, DATABASE);
  const server = await startServer({ ...spec, args: ours('bitcoin-events', where).args });
  const streams = await Promise.all(Array.from({ length: count }, (_, at) => openStream(server, at)));
  const [channel = ''] = await client.pubSubChannels(`summary:*:${DATABASE}`);
  const [key = ''] = await client.keys('*:kept-summary');
  const summary = String(await client.get(key));
  const publish = async () => {
    const arrived = Promise.all(streams.map((stream) => once(stream, 'data')));
    await client.publish(channel, summary);
    await arrived;
  };
  for (let sent = 0; sent < EVENTS; sent += 1) await publish();
  const before = server.cpuSeconds();
  for (let sent = 0; sent < EVENTS; sent += 1) await publish();
  const cost = ((server.cpuSeconds() - before) / EVENTS / count) * 1e6;
  for (const stream of streams) stream.destroy();
  await server.stop();
  await stop();
  return cost;
};

/** What one event costs as more clients listen. */
export const listeners = async (where: Where): Promise<Row[]> => {
  const one = await costOfEvent(1, where);
  const all = await costOfEvent(LISTENERS, where);
  const name = `An event to one of ${LISTENERS} streams, CPU`;
  const beside = [{ name: 'the only stream', value: one, ratio: all / one }];
  return [{ name, ours: all, unit: 'µs', beside, goal: '≤ 1.2 ×' }];
};

import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, seedHistory } from './history-bench.ts';
import { emptyDatabase, type RunningServer, startServer } from './machine.ts';
import type { Figure, Row } from './report.ts';
import { ours } from './servers.ts';

/** The most streams that one instance holds. */
const LISTENERS = 450;
const EVENTS = 200;

/** Eight streams share an address, because the function limits the streams of each client. */
const openStream = async ({ url }: RunningServer, at: number): Promise<IncomingMessage> => {
  const headers = { 'x-forwarded-for': `10.0.${at >> 3}.1` };
  const request = get(`${url}/is-bitcoin-lit/events`, { agent: false, headers });
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response?.statusCode !== 200) throw new Error(`Stream ${at} was answered with ${response?.statusCode}.`);
  await once(response, 'data');
  return response;
};

/** CPU time of the function, in microseconds, to send one event to one of `count` streams. */
const costOfEvent = async (name: string, count: number, redisUrl: string): Promise<Figure> => {
  const database = emptyDatabase(redisUrl);
  await seedHistory(database, 1);
  const client = await connect(database);
  const server = await startServer(ours('bitcoin-events', database));
  const streams = await Promise.all(Array.from({ length: count }, (_, at) => openStream(server, at)));
  const [channel = ''] = await client.pubSubChannels('summary:*');
  const [key = ''] = await client.keys('*:kept-summary');
  const summary = String(await client.get(key));
  const publishAll = async () => {
    for (let sent = 0; sent < EVENTS; sent += 1) {
      const arrived = Promise.all(streams.map((stream) => once(stream, 'data')));
      await client.publish(channel, summary);
      await arrived;
    }
  };
  // Once to warm up.
  await publishAll();
  const before = server.cpuSeconds();
  await publishAll();
  const value = ((server.cpuSeconds() - before) / EVENTS / count) * 1e6;
  for (const stream of streams) stream.destroy();
  await server.stop();
  client.destroy();
  return { name, value };
};

export const listeners = async (redisUrl: string): Promise<Row[]> => {
  const figures = [await costOfEvent('ours', LISTENERS, redisUrl), await costOfEvent('the only stream', 1, redisUrl)];
  return [{ name: `An event to one of ${LISTENERS} streams, CPU`, unit: 'µs', figures, goal: '≤ 1.2 ×' }];
};

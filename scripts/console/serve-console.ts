import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { manifest } from '../../functions/manifest.ts';
import { listenOnFreePort } from '../local/free-port.ts';
import { messageOf } from '../local/message-of.ts';
import { renderConsole } from './console-page.ts';
import { pressed, type State } from './console-state.ts';
import { readRedis, readValue } from './read-redis.ts';
import { recordRequests } from './recorded-requests.ts';

/*
 * The console of `npm start`, as a process of its own. It listens on 127.0.0.1 alone, and answers no page but its own:
 * a page from elsewhere that a browser on this machine shows could otherwise press its buttons, or read Redis by way
 * of a host name that leads here.
 */

const settings = z
  .object({ CONSOLE_PORT: z.coerce.number().int(), CONSOLE_SOCKET: z.string(), CONSOLE_TARGET: z.string() })
  .parse(process.env);

const fromStart = pressed.extend({ call: z.int() });
type Outcome = z.infer<typeof fromStart>;

const waiting = new Map<number, (outcome: Outcome) => void>();
let calls = 0;
/** Presses a button of `npm start`, or only looks at them. */
const ask = (press?: string): Promise<Outcome> =>
  new Promise((resolve) => {
    calls += 1;
    waiting.set(calls, resolve);
    process.send?.({ call: calls, press });
  });
process.on('message', (text) => {
  const outcome = fromStart.parse(text);
  waiting.get(outcome.call)?.(outcome);
  waiting.delete(outcome.call);
});
process.once('disconnect', () => process.exit());

const recorded = await recordRequests(settings.CONSOLE_SOCKET);
const isServed = (name: string) => ['api', name].includes(settings.CONSOLE_TARGET);
const functions = manifest.map(({ name, access, summary }) => ({ name, access, summary, isServed: isServed(name) }));

const stateSince = async (since: number): Promise<State> => {
  const [{ buttons }, redis] = await Promise.all([ask(), readRedis().catch((error) => ({ fault: messageOf(error) }))]);
  return { functions, buttons, redis, processes: recorded.processes(), requests: recorded.requests(since) };
};

/** Whether the request names this host, and comes from the console's own page where it comes from a page at all. */
const isOwn = ({ headers, method }: IncomingMessage, port: number): boolean => {
  const hosts = [`localhost:${port}`, `127.0.0.1:${port}`];
  const { host = '', origin, 'sec-fetch-site': site = 'none' } = headers;
  if (!hosts.includes(host)) return false;
  if (method === 'GET')
    return ['same-origin', 'none'].includes(site) && (origin ?? `http://${host}`) === `http://${host}`;
  return origin === `http://${host}`;
};

const sendJson = (response: ServerResponse, value: unknown): void => {
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  response.writeHead(200, headers).end(JSON.stringify(value));
};

const answer = async (request: IncomingMessage, response: ServerResponse, port: number): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://console');
  const route = `${request.method} ${url.pathname}`;
  if (!isOwn(request, port)) response.writeHead(403).end('Only the page of this console may ask.\n');
  else if (route === 'GET /') {
    const { html, headers } = await renderConsole();
    response.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(html);
  } else if (route === 'GET /state') sendJson(response, await stateSince(Number(url.searchParams.get('since')) || 0));
  else if (route === 'GET /value')
    sendJson(response, { value: await readValue(url.searchParams.get('key') ?? '').catch(messageOf) });
  else if (route === 'POST /press') sendJson(response, await ask(url.searchParams.get('button') ?? ''));
  else response.writeHead(404).end('There is no such page.\n');
};

const server = createServer((request, response) => {
  const { localPort = 0 } = request.socket;
  answer(request, response, localPort).catch((error) => {
    console.error(error);
    response.destroy();
  });
});

const listen = async (port: number): Promise<number> => {
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return port;
};

// The port may be taken, or beyond the last one.
process.send?.({ listening: await listen(settings.CONSOLE_PORT).catch(() => listenOnFreePort(server)) });

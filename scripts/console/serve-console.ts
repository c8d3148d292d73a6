import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { manifest } from '../../functions/manifest.ts';
import { serveHttp } from '../local/free-port.ts';
import { messageOf } from '../local/message-of.ts';
import { renderConsole } from './console-page.ts';
import { type Pressed, pressed, type State } from './console-state.ts';
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

const waiting = new Map<number, (answer: Pressed) => void>();
let calls = 0;
/** Presses a button of `npm start`, or only looks at them. */
const ask = (press?: string): Promise<Pressed> =>
  new Promise((resolve) => {
    calls += 1;
    waiting.set(calls, resolve);
    process.send?.({ call: calls, press });
  });
process.on('message', (message) => {
  const { call, ...answer } = pressed.extend({ call: z.int() }).parse(message);
  waiting.get(call)?.(answer);
  waiting.delete(call);
});
process.once('disconnect', () => process.exit());

const recorded = await recordRequests(settings.CONSOLE_SOCKET);
const isServed = (name: string) => ['api', name].includes(settings.CONSOLE_TARGET);
const functions = manifest.map(({ name, access, summary }) => ({ name, access, summary, isServed: isServed(name) }));

const stateSince = async (since: number): Promise<State> => {
  const [{ buttons }, redis] = await Promise.all([ask(), readRedis().catch((error) => ({ fault: messageOf(error) }))]);
  return { functions, buttons, redis, ...recorded.since(since) };
};

/** Whether the request names this host, and comes from the console's own page where it comes from a page at all. */
const isOwn = ({ headers, method, socket }: IncomingMessage): boolean => {
  const { host = '', origin, 'sec-fetch-site': site = 'none' } = headers;
  if (![`localhost:${socket.localPort}`, `127.0.0.1:${socket.localPort}`].includes(host)) return false;
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

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://console');
  const parameter = (name: string) => searchParams.get(name) ?? '';
  if (!isOwn(request)) return response.writeHead(403).end('Only the page of this console may ask.\n');
  switch (`${request.method} ${pathname}`) {
    case 'GET /': {
      const { html, headers } = await renderConsole();
      const more = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
      return response.writeHead(200, { ...headers, ...more }).end(html);
    }
    case 'GET /state':
      return sendJson(response, await stateSince(Number(parameter('since')) || 0));
    case 'GET /value':
      return sendJson(response, { value: await readValue(parameter('key')).catch(messageOf) });
    case 'POST /press':
      return sendJson(response, await ask(parameter('button')));
    default:
      return response.writeHead(404).end('There is no such page.\n');
  }
};

const listener = (request: IncomingMessage, response: ServerResponse) =>
  answer(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
// The port may be taken, or beyond the last one.
const { url } = await serveHttp(listener, settings.CONSOLE_PORT).catch(() => serveHttp(listener));
process.send?.({ url: url.replace('127.0.0.1', 'localhost') });

import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { serveHttp } from '../local/free-port.ts';
import { messageOf } from '../local/message-of.ts';
import { renderConsole } from './console-page.ts';
import { figureRows, functionRows, indent, keyRows, messageText, requestRow } from './console-rows.ts';
import type { Row, View } from './console-view.ts';
import { readRedis, readValue } from './read-redis.ts';
import { recordRequests } from './recorded-requests.ts';

/*
 * The console of `npm start`, in its own process. It listens on 127.0.0.1 only and serves only its own page. Otherwise
 * any web page open in a browser on this machine could press the buttons, or read Redis by DNS rebinding.
 */

const [, , socket = '', port, target = ''] = process.argv;

const reply = z.object({ call: z.int(), outcome: z.string().optional(), buttons: z.custom<readonly Row[]>() });
const calls = new Map<number, (answer: z.infer<typeof reply>) => void>();
let lastCall = 0;
/** Asks `npm start` to press a button, or only for their state. */
const ask = (press?: string): Promise<z.infer<typeof reply>> =>
  new Promise((resolve) => {
    lastCall += 1;
    calls.set(lastCall, resolve);
    process.send?.({ call: lastCall, press });
  });
process.on('message', (message) => {
  const answer = reply.parse(message);
  calls.get(answer.call)?.(answer);
  calls.delete(answer.call);
});
process.once('disconnect', () => process.exit());

const recorded = await recordRequests(socket);

const view = async (): Promise<View> => {
  const [{ buttons }, redis] = await Promise.all([ask(), readRedis().catch((error) => ({ fault: messageOf(error) }))]);
  const requests = recorded.newestFirst();
  const running = recorded.process();
  const isCut = 'keys' in redis && redis.isCut;
  return {
    lists: {
      buttons,
      requests: requests.map(requestRow),
      figures: figureRows(redis, running),
      functions: functionRows(target, running !== undefined),
      ...('keys' in redis && { keys: keyRows(redis) }),
    },
    texts: {
      'no-requests': requests.length === 0 ? 'None yet.' : '',
      cut: isCut ? `Only the first ${redis.keys.length} keys.` : '',
    },
  };
};

const press = async (name: string): Promise<View> => {
  const { outcome = '', buttons } = await ask(name);
  return { lists: { buttons }, texts: { outcome } };
};

/** Whether the request names this host and, if a web page sent it, comes from the console's own page. */
const isOwn = ({ headers, method, socket: { localPort } }: IncomingMessage): boolean => {
  const { host = '', origin, 'sec-fetch-site': site = 'none' } = headers;
  if (![`localhost:${localPort}`, `127.0.0.1:${localPort}`].includes(host)) return false;
  const isFromHere = origin === `http://${host}`;
  return method === 'GET' ? ['same-origin', 'none'].includes(site) && (isFromHere || origin === undefined) : isFromHere;
};

const sendJson = (response: ServerResponse, value: unknown): void => {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  response.writeHead(200, { ...headers, 'x-content-type-options': 'nosniff' }).end(JSON.stringify(value));
};

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://console');
  const id = searchParams.get('id') ?? '';
  if (!isOwn(request)) return response.writeHead(403).end('Only the page of this console may send requests.\n');
  switch (`${request.method} ${pathname}`) {
    case 'GET /': {
      const { html, headers } = await renderConsole();
      const more = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
      return response.writeHead(200, { ...headers, ...more }).end(html);
    }
    case 'GET /view':
      return sendJson(response, await view());
    case 'GET /requests': {
      const exchange = recorded.find(id);
      return sendJson(response, { sent: messageText(exchange?.sent), got: messageText(exchange?.got) });
    }
    case 'GET /keys':
      return sendJson(response, { value: indent(await readValue(id).catch(messageOf)) });
    case 'POST /buttons':
      return sendJson(response, await press(id));
    default:
      return response.writeHead(404).end('There is no such page.\n');
  }
};

const listener = (request: IncomingMessage, response: ServerResponse) =>
  answer(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
// Any free port will do if this one is taken or out of range.
const { url } = await serveHttp(listener, Number(port)).catch(() => serveHttp(listener));
process.send?.({ url: url.replace('127.0.0.1', 'localhost') });

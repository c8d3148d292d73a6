import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/*
 * Loaded into the function's process by `npm start` on a terminal: one line of JSON for each request, in the form that
 * Cloud Run's own request log has. Deployed, Cloud Run writes that log itself.
 */

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const detailOf = (body: unknown): string | undefined => {
  try {
    const { detail } = JSON.parse(String(body));
    return detail;
  } catch {
    return undefined;
  }
};

const follow = ({ request, response }: Exchange): void => {
  const from = performance.now();
  const { method, url } = request;
  let detail: string | undefined;
  const end = response.end.bind(response);
  Reflect.set(response, 'end', (...args: unknown[]) => {
    const type = String(response.getHeader('content-type') ?? '');
    if (response.statusCode >= 400 && type.includes('problem+json')) detail = detailOf(args[0]);
    return Reflect.apply(end, response, args);
  });
  response.once('finish', () => {
    const line = {
      severity: 'INFO',
      time: new Date().toISOString(),
      httpRequest: { requestMethod: method, requestUrl: url, status: response.statusCode },
      latency_ms: Math.round(performance.now() - from),
      ...(detail !== undefined && { detail }),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  });
};

subscribe('http.server.request.start', (message) => {
  const { request, response } = Object(message);
  follow({ request, response });
});

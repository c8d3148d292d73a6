import { styleText } from 'node:util';
import * as z from 'zod';
import { jsonText } from '../json-text.ts';

const entry = jsonText.pipe(
  z.object({
    severity: z.string(),
    time: z.iso.datetime(),
    message: z.string().optional(),
    stack_trace: z.string().optional(),
    causes: z.array(z.string()).optional(),
    detail: z.string().optional(),
    latency_ms: z.number().optional(),
    httpRequest: z.object({ requestMethod: z.string(), requestUrl: z.string(), status: z.number() }).optional(),
  }),
);

type Style = Parameters<typeof styleText>[0];

const paint = (style: Style, text: string): string => styleText(style, text, { validateStream: false });
const styleOf = (status: number): Style => (status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green');

/** `12:04:31`, in the time zone of this machine. */
const clock = (time: string): string => paint('dim', new Date(time).toLocaleTimeString('en-GB'));

/** The stack with the project's own files first, by their paths from here; Node's and packages' lines are dimmed. */
const readableStack = (stack: string): string => {
  const [message = '', ...frames] = stack.replaceAll(`file://${process.cwd()}/`, '').split('\n');
  const isOurs = (frame: string) => !/node_modules|node:/.test(frame);
  const others = frames.filter((frame) => !isOurs(frame)).map((frame) => paint('dim', frame));
  return [paint('red', message), ...frames.filter(isOurs), ...others].join('\n');
};

const SEVERITIES: Readonly<Record<string, Style>> = { ERROR: 'red', WARNING: 'yellow' };

/**
 * A line of a function's log as a person reads it: `12:04:31 GET /users/4 200 3 ms user-read`. What is not a line of
 * the log stays as it is.
 * @param ownerOf the name of the function that serves this
 */
export const formatLogLine = (line: string, ownerOf: (method: string, path: string) => string): string => {
  const parsed = line.startsWith('{') ? entry.safeParse(line) : undefined;
  if (!parsed?.success) return line;
  const { severity, time, message = '', stack_trace, causes = [], detail, latency_ms, httpRequest } = parsed.data;
  if (httpRequest !== undefined) {
    const { requestMethod, requestUrl, status } = httpRequest;
    const owner = paint('dim', `${latency_ms} ms ${ownerOf(requestMethod, requestUrl)}`);
    const answer = `${clock(time)} ${requestMethod} ${requestUrl} ${paint(styleOf(status), String(status))} ${owner}`;
    return detail === undefined ? answer : `${answer}\n  ${detail.split('\n').at(0)}`;
  }
  const style = SEVERITIES[severity];
  const name = style === undefined ? severity : paint(style, severity);
  const because = causes.map((cause) => `\n  because: ${cause}`).join('');
  return `${clock(time)} ${name} ${stack_trace === undefined ? message : readableStack(stack_trace)}${because}`;
};

/** Passes whole lines on, however they arrive. */
export const byLine = (print: (line: string) => void): ((text: string) => void) => {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) print(line);
  };
};

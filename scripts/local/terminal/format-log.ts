import { styleText } from 'node:util';
import * as z from 'zod';
import { manifest } from '../../../functions/manifest.ts';
import { Router } from '../../../shared/http/router.ts';
import { jsonText } from '../json-text.ts';

const requestLine = z.object({
  time: z.iso.datetime(),
  method: z.string(),
  url: z.string(),
  status: z.int(),
  latency_ms: z.number(),
  /** Of a problem. */
  detail: z.string().optional(),
});
export type RequestLine = z.infer<typeof requestLine>;

const logEntry = z.object({
  severity: z.string(),
  time: z.iso.datetime(),
  message: z.string().default(''),
  stack_trace: z.string().optional(),
  causes: z.array(z.string()).default([]),
});

const printed = jsonText.pipe(z.union([requestLine, logEntry]));

type Style = Parameters<typeof styleText>[0];

const paint = (style: Style, text: string): string => styleText(style, text, { validateStream: false });
const styleOf = (status: number): Style => (status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green');

/** `12:04:31`, in the time zone of this machine. */
const clock = (time: string): string => paint('dim', new Date(time).toLocaleTimeString('en-GB'));

/** The stack with the project's frames first, by relative path. The frames of Node and of packages are dimmed. */
const readableStack = (stack: string): string => {
  const [message = '', ...frames] = stack.replaceAll(`file://${process.cwd()}/`, '').split('\n');
  const { ours = [], others = [] } = Object.groupBy(frames, (frame) =>
    /node_modules|node:/.test(frame) ? 'others' : 'ours',
  );
  return [paint('red', message), ...ours, ...others.map((frame) => paint('dim', frame))].join('\n');
};

const router = new Router(manifest, []);

/** The function that serves a request. Empty for routes that every function has, and for unknown ones. */
export const ownerOf = (method: string, url: string): string => {
  try {
    return router.find(method, url.split('?')[0] ?? '').owner?.name ?? '';
  } catch {
    return '';
  }
};

const SEVERITIES: Readonly<Record<string, Style>> = { ERROR: 'red', WARNING: 'yellow' };

/**
 * Formats a line of a function's output for a terminal: `12:04:31 GET /users/4 200 3 ms user-read`. A line that is not
 * a log entry is returned unchanged.
 */
export const formatLogLine = (line: string): string => {
  const { data } = line.startsWith('{') ? printed.safeParse(line) : {};
  if (data === undefined) return line;
  if ('status' in data) {
    const { time, method, url, status, latency_ms, detail } = data;
    const owner = paint('dim', `${Math.round(latency_ms)} ms ${ownerOf(method, url)}`);
    const request = `${clock(time)} ${method} ${url} ${paint(styleOf(status), String(status))} ${owner}`;
    return detail === undefined ? request : `${request}\n  ${detail.split('\n').at(0)}`;
  }
  const { severity, time, message, stack_trace, causes } = data;
  const style = SEVERITIES[severity];
  const name = style === undefined ? severity : paint(style, severity);
  const because = causes.map((cause) => `\n  caused by: ${cause}`).join('');
  return `${clock(time)} ${name} ${stack_trace === undefined ? message : readableStack(stack_trace)}${because}`;
};

/** Turns chunks of text into calls with whole lines. */
export const byLine = (print: (line: string) => void): ((text: string) => void) => {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) print(line);
  };
};

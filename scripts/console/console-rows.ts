import { brotliDecompressSync, constants, unzipSync } from 'node:zlib';
import { manifest } from '../../functions/manifest.ts';
import { ownerOf } from '../local/terminal/format-log.ts';
import type { Row } from './console-view.ts';
import type { Stored } from './read-redis.ts';
import type { Exchange, Message, Running } from './recorded-requests.ts';

/* The lists of the console's page, as text. */

const bytes = (count: number): string =>
  count < 1_000 ? `${count} B` : count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
const clock = (time: string): string => new Date(time).toLocaleTimeString('en-GB');
const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
/** A stream may last for minutes. */
const duration = (ms: number): string => (ms < 10_000 ? `${ms} ms` : `${Math.round(ms / 1_000)} s`);

export const requestRow = ({ id, time, method, url, status, latency_ms = 0, trips = 0 }: Exchange): Row => {
  const took = status === undefined ? 'in progress' : `${duration(latency_ms)} · ${plural(trips, 'trip')}`;
  const more = [took, ownerOf(method, url)].filter(Boolean).join(' · ');
  const texts = { clock: clock(time), method, path: url, status: String(status ?? '…'), more };
  return { id, texts, state: String(status ?? 0).charAt(0) };
};

/** Indents JSON; leaves any other text alone. */
export const indent = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

/** A compressed body may be cut off: this decodes what there is. */
const decode = (body: Buffer, head: string): string => {
  const [, encoding] = /^content-encoding: (\S+)/im.exec(head) ?? [];
  try {
    if (encoding === 'gzip') return String(unzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH }));
    if (encoding !== 'br') return String(body);
    return String(brotliDecompressSync(body, { finishFlush: constants.BROTLI_OPERATION_FLUSH }));
  } catch {
    return `${body.length} bytes that cannot be decoded`;
  }
};

export const messageText = (message: Message | undefined): string =>
  message === undefined
    ? ''
    : `${message.head}\n\n${indent(decode(Buffer.from(message.body, 'base64'), message.head))}`.trim();

/** Keys, grouped by the first word of their names. */
export const keyRows = ({ keys }: Stored): Row[] =>
  [...Map.groupBy(keys, ({ name }) => /^\{?([\w-]+)/.exec(name)?.[1] ?? 'others')].map(([group, members]) => {
    const size = members.reduce((sum, key) => sum + key.bytes, 0);
    const rows = members.map(({ name, type, ttl_ms, bytes: ownSize }) => {
      const ttl = ttl_ms === null ? 'no TTL' : `TTL ${Math.ceil(ttl_ms / 1_000)} s`;
      return { id: name, texts: { key: name, about: `${type} · ${ttl} · ${bytes(ownSize)}` } };
    });
    return { id: group, texts: { group, more: `${plural(members.length, 'key')} · ${bytes(size)}` }, rows };
  });

export const figureRows = (redis: Stored | { readonly fault: string }, running: Running | undefined): Row[] => {
  const figures = {
    ...('fault' in redis
      ? { Redis: redis.fault }
      : {
          'Redis memory': bytes(redis.memory_bytes),
          'Commands per second': String(redis.commands_per_second),
          Connections: String(redis.clients),
          Keys: `${redis.keys.length}${redis.isCut ? ' and more' : ''}`,
        }),
    'Function process': running ? `${running.pid}, since ${clock(running.started)}` : 'not running',
    'Process memory': running ? bytes(running.memory_bytes) : '–',
  };
  return Object.entries(figures).map(([name, figure]) => ({ id: name, texts: { name, figure } }));
};

export const functionRows = (target: string, isRunning: boolean): Row[] =>
  manifest.map(({ name, access, summary }) => {
    const running = isRunning ? 'running' : 'not running';
    const state = ['api', name].includes(target) ? running : 'not started';
    return { id: name, state, texts: { name, state: `${state} · ${access}`, summary } };
  });

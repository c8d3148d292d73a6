import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Answer } from './answer.ts';

/** The entries of a header such as Accept: names in lower case with their weights, 0 to 1. */
const entriesOf = (header: string): Map<string, number> =>
  new Map(
    header.split(',').map((entry) => {
      const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return [name, weight === undefined ? 1 : Math.min(Math.max(Number(weight) || 0, 0), 1)];
    }),
  );

/** The weight of `name`, 0 to 1. The most specific entry decides; `*` comes last. */
const weightIn = (entries: Map<string, number>, name: string): number => {
  const family = name.replace(/\/.*/, '/*');
  return entries.get(name) ?? entries.get(family) ?? entries.get('*/*') ?? entries.get('*') ?? 0;
};

/** How much a header such as Accept-Encoding wants `name`, 0 to 1. */
export const quality = (header: string, name: string): number => weightIn(entriesOf(header), name);

/** Whether the client prefers a page to JSON. */
export const prefersHtml = (accept: string): boolean => {
  // Most programs do not ask for text at all.
  if (!/text\//i.test(accept)) return false;
  const entries = entriesOf(accept);
  const html = weightIn(entries, 'text/html');
  return html > weightIn(entries, 'application/json') && html >= weightIn(entries, 'application/problem+json');
};

/** A third smaller than gzip, and as fast at this level. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
/** How many compressed texts are kept. */
const MAX_KEPT = 16;

const encoders = {
  br: (text: string) => promisify(brotliCompress)(text, BROTLI),
  gzip: (text: string) => promisify(gzip)(text),
};

type Encoding = keyof typeof encoders;

const kept = new Map<string, Promise<Uint8Array>>();

/** Compresses a text once, however many clients request it. Drops the least recently used. */
const compress = (text: string, encoding: Encoding): Promise<Uint8Array> => {
  const key = `${encoding} ${text}`;
  const body = kept.get(key) ?? encoders[encoding](text);
  kept.delete(key);
  kept.set(key, body);
  const [oldest = key] = kept.keys();
  if (kept.size > MAX_KEPT) kept.delete(oldest);
  return body;
};

const chooseEncoding = (acceptEncoding: string): Encoding | undefined => {
  const [br, zipped] = [quality(acceptEncoding, 'br'), quality(acceptEncoding, 'gzip')];
  if (br === 0 && zipped === 0) return undefined;
  return br >= zipped ? 'br' : 'gzip';
};

/** The answer, its text compressed if `acceptEncoding` allows it. A compressed text has an ETag of its own. */
export const compressed = async <T>(answer: Answer<200, T>, acceptEncoding: string): Promise<Answer<200, T>> => {
  const { headers, body, etag } = answer;
  if (typeof body !== 'string') return answer;
  const vary = [headers?.vary, 'Accept-Encoding'].filter(Boolean).join(', ');
  const encoding = chooseEncoding(acceptEncoding);
  if (encoding === undefined) return { ...answer, headers: { ...headers, vary } };
  return {
    ...answer,
    headers: { ...headers, vary, 'content-encoding': encoding },
    body: await compress(body, encoding),
    etag: etag && `${etag.slice(0, -1)}-${encoding}"`,
  };
};

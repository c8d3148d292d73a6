import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { quality } from './accept.ts';
import type { Answer } from './answer.ts';

/** A third smaller than gzip, and as fast at this level. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
/** Texts that are kept compressed. */
const MAX_KEPT = 16;

const encoders = {
  br: (text: string) => promisify(brotliCompress)(text, BROTLI),
  gzip: (text: string) => promisify(gzip)(text),
};

type Encoding = keyof typeof encoders;

const kept = new Map<string, Promise<Uint8Array>>();

/** Compressed once for all that ask for the same text; the oldest is forgotten. */
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

/** Its bytes differ from those of the text, so it is another representation with a tag of its own. */
const tagFor = (etag: string, encoding: Encoding | undefined): string =>
  encoding === undefined ? etag : `${etag.slice(0, -1)}-${encoding}"`;

/** An answer with a text, compressed when `acceptEncoding` allows it. */
export const compressed = async <T>(answer: Answer<200, T>, acceptEncoding: string): Promise<Answer<200, T>> => {
  const { headers, body, etag } = answer;
  if (typeof body !== 'string') return answer;
  const encoding = chooseEncoding(acceptEncoding);
  const vary = [headers?.vary, 'Accept-Encoding'].filter(Boolean).join(', ');
  return {
    ...answer,
    headers: { ...headers, vary, ...(encoding && { 'content-encoding': encoding }) },
    body: encoding === undefined ? body : await compress(body, encoding),
    etag: etag && tagFor(etag, encoding),
  };
};

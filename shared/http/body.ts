import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Problem } from '../problems/problem.ts';

/** 1 MiB for a value and 64 KiB for its envelope, also after decompression. */
export const MAX_BODY_BYTES = 1_048_576 + 65_536;

const tooLarge = () =>
  new Problem('payload-too-large', `The body may hold at most ${MAX_BODY_BYTES} bytes, also when decompressed.`);

const DECODERS = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

/** Requests that will never be whole although their connection is open, and what to answer them. */
const broken = new WeakMap<IncomingMessage, Problem>();

/** Stops reading a body that will never be whole. Every reader, now or later, gets `problem`. */
export const breakOff = (request: IncomingMessage, problem: Problem): void => {
  broken.set(request, problem);
  request.emit('broken-off');
};

const readBytes = (request: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      // Node reads and drops the rest, so that the client gets the answer instead of a reset.
      request.off('data', onData);
      reject(tooLarge());
    };
    const onBroken = () =>
      reject(broken.get(request) ?? new Problem('invalid-request', 'The request ended before its body did.'));
    if (broken.has(request)) onBroken();
    request.once('broken-off', onBroken);
    request.on('data', onData);
    request.once('end', () => {
      // Every request closes after its end, and creating a problem that nothing reads costs a stack trace.
      request.off('close', onBroken);
      const [only] = chunks;
      resolve(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks));
    });
    // Also after an error, such as a client that disconnects.
    request.on('close', onBroken);
  });

const decode = async (bytes: Buffer, encoding: string): Promise<Buffer> => {
  const decoder = DECODERS.get(encoding);
  if (decoder === undefined) {
    throw new Problem(
      'unsupported-media-type',
      `Content-Encoding "${encoding}" is not supported; use gzip, deflate, br or none.`,
    );
  }
  try {
    return await decoder(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    const isBomb = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw isBomb ? tooLarge() : new Problem('malformed-json', `The body is not valid ${encoding}.`);
  }
};

const checkType = (header: string | undefined, types: readonly string[]): void => {
  if (header !== undefined && types.includes(header)) return;
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const isUtf8Charset = charset === undefined || /^"?utf-?8"?$/.test(charset);
  if (types.includes(type) && isUtf8Charset) return;
  const was = header === undefined ? 'no Content-Type' : `"${header.slice(0, 100)}"`;
  throw new Problem('unsupported-media-type', `The body came as ${was}; send it as ${types.join(' or ')} in UTF-8.`);
};

/**
 * The request's body as text; undefined when there is none.
 * @throws Problem unsupported-media-type, payload-too-large, malformed-json, invalid-request when it broke off
 */
export const readText = async (request: IncomingMessage, types: readonly string[]): Promise<string | undefined> => {
  const { headers } = request;
  const length = Number(headers['content-length'] ?? 0);
  if (length === 0 && headers['transfer-encoding'] === undefined) return undefined;
  checkType(headers['content-type'], types);
  if (length > MAX_BODY_BYTES) throw tooLarge();
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const raw = await readBytes(request);
  const bytes = encoding === 'identity' ? raw : await decode(raw, encoding);
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new Problem('malformed-json', 'The body is not valid UTF-8.');
  return bytes.toString();
};

/** @throws Problem malformed-json */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const where = error instanceof SyntaxError ? / at position \d+/.exec(error.message)?.[0] : undefined;
    throw new Problem('malformed-json', `The body cannot be read as JSON${where ?? ''}.`);
  }
};

import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { serveHttp } from '../../../../scripts/local/free-port.ts';
import { requestFeed } from './feed-request.ts';
import { senticrypt } from './senticrypt.ts';

const withFeed = async <T>(listener: RequestListener, use: (url: URL) => Promise<T>) => {
  const feed = await serveHttp(listener);
  return use(new URL(feed.url)).finally(feed.stop);
};
const { signal } = new AbortController();

const rows = Array.from({ length: 10_000 }, (_, at) => ({
  ...{ count: 1, timestamp: 1_625_592_626 - at, mean: 0.2, btc_price: '33885.23' },
  note: randomBytes(30).toString('base64'),
}));
const text = JSON.stringify(rows);

// With fetch in Node 24, the compressed ones crash the process.
it.each([
  ['uncompressed', {}, text],
  ['with the encoding identity', { 'content-encoding': 'identity' }, text],
  ['with gzip', { 'content-encoding': 'gzip' }, gzipSync(text)],
  ['with deflate', { 'content-encoding': 'deflate' }, deflateSync(text)],
])('reads a whole answer sent %s when the server closes the connection early', async (_how, headers, sent) => {
  const { samples } = await withFeed(
    (_request, response) => response.setHeaders(new Headers(headers)).end(sent),
    (url) => senticrypt(url.href).read({ cursor: undefined, nowMs: 1_625_592_627_000, signal }),
  );
  expect(samples).toHaveLength(rows.length);
});

it('follows redirects, and gives up after 20', async () => {
  const answers: RequestListener = ({ url }, response) => {
    if (url === '/here') response.end('found');
    else response.writeHead(302, { location: url === '/there' ? 'here' : '/again' }).end();
  };
  await withFeed(answers, async (url) => {
    const { status, body } = await requestFeed(new URL('/there', url), signal);
    expect([status, String(await buffer(body))]).toEqual([200, 'found']);
    await expect(requestFeed(new URL('/again', url), signal)).rejects.toThrow('redirects more than 20 times');
  });
});

import type { RequestListener } from 'node:http';
import { serveHttp } from '../local/free-port.ts';

/** Valid rows, 30 seconds apart. The last one is a minute old. */
export const feedRows = (count: number): readonly unknown[] =>
  Array.from({ length: count }, (_, at) => ({
    timestamp: Date.now() / 1_000 - 60 - 30 * (count - 1 - at),
    btc_price: String(60_000 + at),
    mean: 0.1 + at / 10_000,
  }));

/** Starts a feed whose answers the test controls. It serves 300 valid rows in SentiCrypt's format until `react`. */
export const startFeed = async () => {
  let listener: RequestListener = (_, response) => response.end(JSON.stringify(feedRows(300)));
  const { url, stop } = await serveHttp((request, response) => listener(request, response));
  return {
    url: `${url}/v1/bitcoin.json`,
    /** Answers requests with `next` from now on. */
    react: (next: RequestListener): void => {
      listener = next;
    },
    stop,
  };
};

export type FeedServer = Awaited<ReturnType<typeof startFeed>>;

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { listenOnFreePort } from '../../local/free-port.ts';

/** A feed in SentiCrypt's form that says what a test wants. */
export interface FeedServer {
  readonly url: string;
  /** How it answers from now on. */
  readonly react: (listener: RequestListener) => void;
  readonly stop: () => Promise<void>;
}

/** So many rows, 30 seconds apart, the last one a minute ago. */
export const feedRows = (count: number): readonly unknown[] =>
  Array.from({ length: count }, (_, at) => ({
    timestamp: Date.now() / 1_000 - 60 - 30 * (count - 1 - at),
    btc_price: String(60_000 + at),
    mean: 0.1 + at / 10_000,
  }));

export const startFeed = async (): Promise<FeedServer> => {
  let listener: RequestListener = (_, response) => response.end(JSON.stringify(feedRows(300)));
  const server = createServer((request, response) => listener(request, response));
  const port = await listenOnFreePort(server);
  return {
    url: `http://127.0.0.1:${port}/v1/bitcoin.json`,
    react: (next) => {
      listener = next;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

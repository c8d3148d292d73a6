/*
 * The least that a refresh could do: rows that are already in memory, written in one pipeline of HSETNX, one hash per
 * hour. No feed, no validation, no expiry, no summary, no lock.
 */
const http = require('node:http');
const { createClient } = require('redis');

const { FEED_URL, REDIS_URL, PORT } = process.env;
const client = createClient({ url: REDIS_URL });
client.on('error', () => {});
let rows = [];

const write = () =>
  Promise.all(
    rows.map(({ timestamp, btc_price, mean }) => {
      const hour = Math.floor(timestamp / 3_600);
      return client.hSetNX(
        `hour:${hour}`,
        String(Math.round((timestamp - hour * 3_600) * 1_000)),
        `${btc_price} ${mean}`,
      );
    }),
  );

const server = http.createServer((request, response) => {
  const work = request.method === 'POST' ? write() : Promise.resolve();
  work.then(
    () => response.end('{}'),
    () => response.destroy(),
  );
});

const start = async () => {
  await client.connect();
  rows = await (await fetch(FEED_URL)).json();
  server.listen(Number(PORT));
};

start().catch(() => process.exit(1));

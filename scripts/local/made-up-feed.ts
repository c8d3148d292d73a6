import { serveHttp } from './free-port.ts';

/*
 * A feed of the last 24 hours in the exact format of SentiCrypt and of Kraken's public trades. All values are functions
 * of time: a row is the same in every response, and new rows appear as time passes.
 */

const DAY_SECONDS = 86_400;
const SLOT_SECONDS = 30;
const TRADE_GAP_MS = 1_440;
const PAGE_TRADES = 1_000;

/** A pseudo-random number from 0 to 1 that depends on `seed` only. */
const noise = (seed: number): number => {
  let bits = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
};

/** Rounds to two decimals. Adding 0 turns -0, which JSON lacks, into 0. */
const round = (value: number): number => Math.round(value * 100) / 100 + 0;

/** Waves with unrelated periods, so that the direction differs from hour to hour. */
const wave = (seconds: number, hours: number): number => Math.sin((2 * Math.PI * seconds) / (hours * 3_600));

const priceAt = (seconds: number): number =>
  64_000 + 1_800 * wave(seconds, 31) + 420 * wave(seconds, 7.3) + 90 * wave(seconds, 1.7);

const sentimentAt = (seconds: number): number => 0.18 + 0.16 * wave(seconds, 9.1) + 0.06 * wave(seconds, 2.3);

/** Most rows are 30 seconds apart. Left-out rows make gaps of 60 or 90 seconds. */
const isLeftOut = (slot: number): boolean => noise(slot) < 0.12 && noise(slot - 2) >= 0.12;

const toRow = (slot: number) => {
  const seconds = slot * SLOT_SECONDS;
  const jitter = noise(slot + 1);
  const mean = round(sentimentAt(seconds) + (jitter - 0.5) / 20);
  return {
    count: 7_000 + Math.floor(jitter * 600),
    timestamp: seconds + jitter,
    rate: round(noise(slot + 3) * 7),
    last: round(noise(slot + 4) - 0.4),
    sum: round(mean * 7_200),
    mean,
    median: round(mean + 0.03),
    btc_price: String(round(priceAt(seconds) + (noise(slot + 2) - 0.5) * 30)),
  };
};

/** The response of `GET /v1/bitcoin.json`: the rows of the 24 hours before `nowMs`, oldest first. */
export const sentiCryptRows = (nowMs: number) => {
  const last = Math.floor(nowMs / 1_000 / SLOT_SECONDS);
  const slots = Array.from({ length: DAY_SECONDS / SLOT_SECONDS }, (_, at) => last - DAY_SECONDS / SLOT_SECONDS + at);
  return slots.filter((slot) => !isLeftOut(slot)).map(toRow);
};

const toTrade = (index: number) => {
  const seconds = (index * TRADE_GAP_MS + Math.floor(noise(index) * 1_000)) / 1_000;
  const isBuy = noise(index + 1) < 0.5 + sentimentAt(seconds) / 2;
  const price = priceAt(seconds) + (noise(index + 2) - 0.5) * 20;
  const volume = 0.0001 + noise(index + 3) ** 4;
  const values = [price.toFixed(5), volume.toFixed(8), seconds, isBuy ? 'b' : 's', 'm', '', index] as const;
  return { values, nanoseconds: BigInt(Math.round(seconds * 1_000)) * 1_000_000n };
};

/** The response of `GET /0/public/Trades`: at most `count` trades after `since` (nanoseconds), oldest first. */
export const krakenTrades = (since: bigint, nowMs: number, count = PAGE_TRADES) => {
  const dayAgo = BigInt(nowMs - DAY_SECONDS * 1_000) * 1_000_000n;
  const from = since > dayAgo ? since : dayAgo;
  const trades: ReturnType<typeof toTrade>[] = [];
  for (let index = Math.floor(Number(from / 1_000_000n) / TRADE_GAP_MS) - 1; trades.length < count; index += 1) {
    const trade = toTrade(index);
    if (trade.nanoseconds > BigInt(nowMs) * 1_000_000n) break;
    if (trade.nanoseconds > from) trades.push(trade);
  }
  const last = trades.at(-1)?.nanoseconds ?? from;
  return { error: [], result: { XXBTZUSD: trades.map(({ values }) => values), last: String(last) } };
};

const PAIRS = ['XBTUSD', 'XBT/USD', 'BTC/USD', 'XXBTZUSD'];

/** Like Kraken, responds to invalid parameters with status 200 and an error. */
const handleTrades = (query: URLSearchParams, nowMs: number) => {
  const since = query.get('since') ?? '0';
  const count = query.get('count') ?? String(PAGE_TRADES);
  if (!PAIRS.includes(query.get('pair') ?? '')) return { error: ['EQuery:Unknown asset pair'] };
  const isValid = /^\d{1,20}$/.test(since) && /^\d{1,4}$/.test(count) && Number(count) >= 1;
  if (!isValid || Number(count) > PAGE_TRADES) return { error: ['EGeneral:Invalid arguments'] };
  return krakenTrades(BigInt(since), nowMs, Number(count));
};

/** Serves both formats on a free port of 127.0.0.1. @param now the current time in milliseconds since the epoch */
export const startMadeUpFeed = async (now: () => number = Date.now) => {
  const { url, stop } = await serveHttp((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://feed');
    const send = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (feed.isBroken) response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Broken on purpose</h1>');
    else if (pathname === '/v1/bitcoin.json') send(sentiCryptRows(now()));
    else if (pathname === '/0/public/Trades') send(handleTrades(searchParams, now()));
    else send({ error: ['not found'] }, 404);
  });
  const feed = {
    senticryptUrl: `${url}/v1/bitcoin.json`,
    krakenUrl: `${url}/0/public/Trades`,
    /** While true, every request gets a 500. */
    isBroken: false,
    stop,
  };
  return feed;
};

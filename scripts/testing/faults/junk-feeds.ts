/** A body below the size limit that would cost a naive reader seconds or gigabytes, and the expected status. */
export interface JunkFeed {
  readonly what: string;
  readonly body: () => string;
  readonly status: 200 | 502;
}

const SIZE = 15_700_000;
const ROWS = 100_000;

const list = (rows: readonly string[]): string => `[${rows.join(',')}]`;
const filled = (row: string): string => `[${`${row},`.repeat(Math.floor(SIZE / (row.length + 1)) - 1)}${row}]`;

const good = (at: number, everyMs: number): string =>
  JSON.stringify({
    count: 7_259,
    timestamp: (Date.now() - 60_000 - at * everyMs) / 1_000,
    rate: 0,
    mean: (at % 1_000) / 1_000,
    median: 0.23,
    btc_price: `${60_000 + (at % 100)}.${10 + (at % 90)}`,
  });
const goods = (count: number, everyMs: number) => Array.from({ length: count }, (_, at) => good(at, everyMs));
const HOUR_MS = 3_600_000;

export const junkFeeds: readonly JunkFeed[] = [
  { what: '{} over and over', body: () => filled('{}'), status: 502 },
  { what: '0 over and over', body: () => filled('0'), status: 502 },
  { what: 'brackets nested 8 million deep', body: () => '['.repeat(8e6) + ']'.repeat(8e6), status: 502 },
  { what: 'objects nested 2 million deep', body: () => '{"a":'.repeat(2e6) + 0 + '}'.repeat(2e6), status: 502 },
  { what: 'one long text', body: () => `["${'x'.repeat(SIZE)}"]`, status: 502 },
  { what: 'one long text of escapes', body: () => `["${'\\u0022'.repeat(SIZE / 6)}"]`, status: 502 },
  { what: 'one long number', body: () => `[${'9'.repeat(SIZE)}]`, status: 502 },
  { what: 'one row with a million keys', body: () => `[{${'"k":0,'.repeat(2e6)}"k":0}]`, status: 502 },
  { what: '100,000 rows of {}', body: () => list(Array(ROWS).fill('{}')), status: 502 },
  { what: '100,001 good rows', body: () => list(goods(ROWS + 1, 250)), status: 502 },
  { what: '100,000 good rows', body: () => list(goods(ROWS, 250)), status: 200 },
  { what: '100,000 good rows, an hour apart', body: () => list(goods(ROWS, HOUR_MS)), status: 200 },
  {
    what: 'good rows between junk',
    body: () =>
      list(
        goods(40_000, 250)
          .flatMap((row) => [row, '{}', '['.repeat(50) + ']'.repeat(50)])
          .slice(0, ROWS),
      ),
    status: 200,
  },
  {
    what: 'good rows whose keys are doubled',
    body: () => list(goods(30_000, 250).map((row) => `${row.slice(0, -1)},"mean":null,"mean":0.5}`)),
    status: 200,
  },
  {
    what: 'a good row and rows of 16,000 brackets each',
    body: () => list([good(0, 0), ...Array(950).fill('['.repeat(8_000) + ']'.repeat(8_000))]),
    status: 200,
  },
];

const SIZE = 15_700_000;
const ROWS = 100_000;

const list = (rows: readonly string[]): string => `[${rows.join(',')}]`;
const filled = (row: string): string => `[${`${row},`.repeat(Math.floor(SIZE / (row.length + 1)) - 1)}${row}]`;

const validRow = (at: number, everyMs: number): string =>
  JSON.stringify({
    count: 7_259,
    timestamp: (Date.now() - 60_000 - at * everyMs) / 1_000,
    rate: 0,
    mean: (at % 1_000) / 1_000,
    median: 0.23,
    btc_price: `${60_000 + (at % 100)}.${10 + (at % 90)}`,
  });
const validRows = (count: number, everyMs: number) => Array.from({ length: count }, (_, at) => validRow(at, everyMs));
const HOUR_MS = 3_600_000;

/** Bodies below the size limit that would cost a naive reader seconds or gigabytes, and the expected statuses. */
export const junkFeeds: readonly [what: string, status: 200 | 502, body: () => string][] = [
  ['{} over and over', 502, () => filled('{}')],
  ['0 over and over', 502, () => filled('0')],
  ['brackets nested 8 million deep', 502, () => '['.repeat(8e6) + ']'.repeat(8e6)],
  ['objects nested 2 million deep', 502, () => '{"a":'.repeat(2e6) + 0 + '}'.repeat(2e6)],
  ['one long string', 502, () => `["${'x'.repeat(SIZE)}"]`],
  ['one long string of escapes', 502, () => `["${'\\u0022'.repeat(SIZE / 6)}"]`],
  ['one long number', 502, () => `[${'9'.repeat(SIZE)}]`],
  ['one row with a million keys', 502, () => `[{${'"k":0,'.repeat(2e6)}"k":0}]`],
  ['100,000 rows of {}', 502, () => list(Array(ROWS).fill('{}'))],
  ['100,001 valid rows', 502, () => list(validRows(ROWS + 1, 250))],
  ['100,000 valid rows', 200, () => list(validRows(ROWS, 250))],
  ['100,000 valid rows, an hour apart', 200, () => list(validRows(ROWS, HOUR_MS))],
  [
    'valid rows between junk',
    200,
    () => {
      const junk = ['{}', '['.repeat(50) + ']'.repeat(50)];
      return list(
        validRows(40_000, 250)
          .flatMap((row) => [row, ...junk])
          .slice(0, ROWS),
      );
    },
  ],
  [
    'valid rows with duplicate keys',
    200,
    () => list(validRows(30_000, 250).map((row) => `${row.slice(0, -1)},"mean":null,"mean":0.5}`)),
  ],
  [
    'a valid row and rows of 16,000 brackets each',
    200,
    () => list([validRow(0, 0), ...Array(950).fill('['.repeat(8_000) + ']'.repeat(8_000))]),
  ],
];

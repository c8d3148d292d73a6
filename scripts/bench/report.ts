import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { markdownTable, putBetweenMarks } from '../local/markdown-table.ts';

/** One line of the table: what was measured, ours, and what it stands beside. */
export interface Row {
  readonly name: string;
  readonly ours: number;
  readonly unit: string;
  readonly beside: readonly { readonly name: string; readonly value: number; readonly ratio: number }[];
  /** What the ratios are to reach, as text: `≥ 4.0 ×`. */
  readonly goal?: string;
  readonly note?: string;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
};

/** Three significant digits, thousands apart. */
const shown = (value: number): string =>
  (Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString('en');

/** The rows as a Markdown table. */
export const table = (rows: readonly Row[]): string =>
  markdownTable(
    rows.map(({ name, ours, unit, beside, goal = '', note }) => ({
      what: note === undefined ? name : `${name} (${note})`,
      ours: `${shown(ours)} ${unit}`.trim(),
      beside: beside.map(({ name: other, value }) => `${other} ${shown(value)}`).join(' · '),
      ratio: beside.map(({ ratio }) => `${ratio.toFixed(2)} ×`).join(' · '),
      goal,
    })),
  );

const machine = (): string =>
  `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}, the server on one core, load and Redis on another.`;

const README = 'scripts/bench/README.md';

/** Puts the table into the README beside this file. */
export const writeReadme = (rows: readonly Row[]): void => {
  const content = `\n${table(rows)}\n\n${machine()}\n`;
  writeFileSync(README, putBetweenMarks(readFileSync(README, 'utf8'), 'bench', content));
};

export const JSON_FILE = '.cache/bench.json';

export const writeJson = (rows: readonly Row[]): void => {
  mkdirSync('.cache', { recursive: true });
  writeFileSync(JSON_FILE, `${JSON.stringify({ machine: machine(), rows }, null, 2)}\n`);
};

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { markdownTable, putBetweenMarks } from '../local/markdown-table.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
}

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  /** This project's figure, then those it is compared with. */
  readonly figures: readonly Figure[];
  /** The target for the ratios, or for a figure that stands alone: `≤ 1.2 ×`. */
  readonly goal?: string;
}

/** Three significant digits, with thousands separators. */
const format = (value: number): string =>
  (Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString('en');

export const table = (rows: readonly Row[]): string =>
  markdownTable(
    rows.map(({ name, unit, figures: [ours, ...others], goal = '' }) => ({
      figure: name,
      ours: `${format(ours?.value ?? Number.NaN)} ${unit}`.trim(),
      'compared with': others.map((other) => `${other.name} ${format(other.value)}`).join(' · '),
      ratio: others.map(({ value }) => `${((ours?.value ?? Number.NaN) / value).toFixed(2)} ×`).join(' · '),
      goal,
    })),
  );

const machine = `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}, the server on one core, load and Redis on another.`;

const README = 'scripts/bench/README.md';

/** Replaces the table in the README next to this file. */
export const writeReadme = (rows: readonly Row[]): void => {
  const content = `\n${table(rows)}\n\n${machine}\n`;
  writeFileSync(README, putBetweenMarks(readFileSync(README, 'utf8'), 'bench', content));
};

export const JSON_FILE = '.cache/bench.json';

export const writeJson = (rows: readonly Row[]): void => {
  mkdirSync('.cache', { recursive: true });
  writeFileSync(JSON_FILE, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
};

import { appendFileSync } from 'node:fs';
import type { Call, Load } from './fault-load.ts';

/** One line of the table that the suite prints at its end. */
export interface Row {
  readonly fault: string;
  readonly sent: number;
  readonly as_promised: number;
  readonly served: number;
  readonly longest_ms: number;
  readonly lost: number | string;
  readonly normal_ms: number | string;
}

const rows: Row[] = [];

export const addRow = (row: Row): Row => {
  rows.push(row);
  return row;
};

const longest = (calls: readonly Call[]): number => Math.round(calls.reduce((most, { ms }) => Math.max(most, ms), 0));

/** What `load` met, when the fault ended at `endedAt`. @param stored what Redis holds of a counter in the end */
export const rowOf = async (
  fault: string,
  load: Load,
  endedAt: number,
  stored: (name: string) => Promise<number>,
): Promise<Row> => {
  const failures = load.calls.filter(({ status }) => status === 0 || status >= 500);
  const last = failures.at(-1)?.at ?? 0;
  let lost = 0;
  for (const [name, count] of load.sent()) {
    const value = await stored(name);
    lost += Math.max(0, (load.acknowledged().get(name) ?? 0) - value);
    if (value > count) throw new Error(`${name} was counted ${value} times and sent ${count} times`);
  }
  return addRow({
    fault,
    sent: load.calls.length,
    as_promised: load.calls.filter(({ asPromised }) => asPromised).length,
    served: load.calls.length - failures.length,
    longest_ms: longest(load.calls),
    lost,
    normal_ms: Math.max(0, Math.round(last - endedAt)),
  });
};

const cell = (value: number | string, width: number): string =>
  typeof value === 'number' ? String(value).padStart(width) : value.padEnd(width);

/** The table as Markdown. */
export const printTable = (): string => {
  const [first] = rows;
  if (first === undefined) return '';
  const names = Object.keys(first);
  const lines = rows.map((row) => Object.values(row));
  const widths = names.map((name, at) => Math.max(name.length, ...lines.map((line) => String(line[at]).length)));
  const print = (values: readonly (number | string)[]) =>
    `| ${values.map((value, at) => cell(value, widths[at] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [print(names), rule, ...lines.map(print)].join('\n');
};

/** Prints the table, and adds it to the file that FAULTS_REPORT names. */
export const report = (title: string): void => {
  const text = `\n${title}\n${printTable()}\n`;
  process.stdout.write(text);
  if (process.env.FAULTS_REPORT) appendFileSync(process.env.FAULTS_REPORT, text);
};

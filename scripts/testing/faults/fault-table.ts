import { markdownTable } from '../../local/markdown-table.ts';
import type { Load } from './fault-load.ts';

/** One line of the table that the suite prints at its end. */
interface Row extends Readonly<Record<'sent' | 'as_promised' | 'served' | 'longest_ms', number>> {
  readonly fault: string;
  readonly lost: number | string;
  readonly normal_ms: number | string;
}

const rows: Row[] = [];

export const addRow = (row: Row): Row => {
  rows.push(row);
  return row;
};

/** What `load` met, when the fault ended at `endedAt`. @param stored what Redis holds of a counter in the end */
export const rowOf = async (
  fault: string,
  { calls, sent, acknowledged }: Load,
  endedAt: number,
  stored: (name: string) => Promise<number>,
): Promise<Row> => {
  const failures = calls.filter(({ status }) => status === 0 || status >= 500);
  let lost = 0;
  for (const [name, count] of sent) {
    const value = await stored(name);
    lost += Math.max(0, (acknowledged.get(name) ?? 0) - value);
    if (value > count) throw new Error(`${name} was counted ${value} times and sent ${count} times`);
  }
  return addRow({
    fault,
    sent: calls.length,
    as_promised: calls.filter(({ asPromised }) => asPromised).length,
    served: calls.length - failures.length,
    longest_ms: Math.round(calls.reduce((most, { ms }) => Math.max(most, ms), 0)),
    lost,
    normal_ms: Math.max(0, Math.round((failures.at(-1)?.at ?? 0) - endedAt)),
  });
};

/** Prints the table as Markdown. */
export const report = (title: string): void => console.log(`\n${title}\n${markdownTable(rows)}`);

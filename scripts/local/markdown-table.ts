/** A Markdown table with a column for each field, padded so that it also reads well on a terminal. */
export const markdownTable = (rows: readonly object[]): string => {
  const head = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => Object.values(row).map(String));
  const widths = head.map((name, at) => Math.max(name.length, ...lines.map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...lines.map(line)].join('\n');
};

/** Replaces what is between the start and end comments of `part`. @throws Error if there are none */
export const putBetweenMarks = (text: string, part: string, content: string): string => {
  const marks = new RegExp(`(<!-- ${part}:start -->)[^]*(<!-- ${part}:end -->)`);
  if (!marks.test(text)) throw new Error(`The text has no <!-- ${part}:start --> and <!-- ${part}:end -->`);
  return text.replace(marks, (_, start: string, end: string) => `${start}\n${content}\n${end}`);
};

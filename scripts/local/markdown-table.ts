/** A Markdown table, a column for each field. They line up, so that it reads well on a terminal too. */
export const markdownTable = (rows: readonly object[]): string => {
  const head = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => Object.values(row).map(String));
  const widths = head.map((name, at) => Math.max(name.length, ...lines.map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...lines.map(line)].join('\n');
};

/** `text` with `content` between the two comments that name this part of it. @throws Error when they are not there */
export const putBetweenMarks = (text: string, part: string, content: string): string => {
  const marks = new RegExp(`(<!-- ${part}:start -->)[^]*(<!-- ${part}:end -->)`);
  if (!marks.test(text)) throw new Error(`There is no part between <!-- ${part}:start --> and <!-- ${part}:end -->`);
  return text.replace(marks, (_, start: string, end: string) => `${start}\n${content}\n${end}`);
};

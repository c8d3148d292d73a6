/** A Markdown table, the first row its head. Its columns line up, so that it reads well on a terminal too. */
export const markdownTable = (rows: readonly (readonly string[])[]): string => {
  const [head = [], ...others] = rows;
  const widths = head.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n');
};

/** `text` with `content` between the two comments that name this part of it. @throws Error when they are not there */
export const putBetweenMarks = (text: string, part: string, content: string): string => {
  const marks = new RegExp(`(<!-- ${part}:start -->)[^]*(<!-- ${part}:end -->)`);
  if (!marks.test(text)) throw new Error(`There is no part between <!-- ${part}:start --> and <!-- ${part}:end -->`);
  return text.replace(marks, (_, start: string, end: string) => `${start}\n${content}\n${end}`);
};

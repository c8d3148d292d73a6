import { readFileSync } from 'node:fs';

const README = 'scripts/bench/README.md';

/** The mean CPU of one request in the bench's published figures, in microseconds. */
export const benchCpuMicroseconds = (): number => {
  const rows = [...readFileSync(README, 'utf8').matchAll(/CPU of one request\s*\|\s*([\d.]+) µs/g)];
  if (rows.length === 0) throw new Error(`${README} has no row "CPU of one request": run npm run bench`);
  return rows.reduce((sum, [, figure]) => sum + Number(figure), 0) / rows.length;
};

import { benchCpuMicroseconds, type Choices, choices, estimate, type Traffic } from '../cost/estimate.ts';
import { putBetweenMarks } from '../local/markdown-table.ts';

const base = choices.parse({});
const quiet: Traffic = {
  requestsPerDay: 10_000,
  openPages: 0,
  releasesPerMonth: 20,
  cpuMicroseconds: benchCpuMicroseconds(),
};
const busy: Traffic = { ...quiet, requestsPerDay: 1_000_000, openPages: 100 };

const columns: readonly [title: string, traffic: Traffic, choices: Choices][] = [
  ['development', quiet, { ...base, size: 'development' }],
  ['production', quiet, base],
  ['production, direct', quiet, { ...base, egress: 'direct' }],
  ['the same, busy', busy, { ...base, egress: 'direct' }],
  ['busy, with Valkey and a domain', busy, { ...base, egress: 'direct', redis: 'valkey', domain: true }],
];

const table = (): string => {
  const bills = columns.map(([, traffic, choices]) => estimate(traffic, choices));
  const parts = bills[0]?.map(({ what }) => what) ?? [];
  const cell = (dollars = 0) => (dollars < 0.5 ? '0' : String(Math.round(dollars)));
  const sum = (bill: ReturnType<typeof estimate>) => bill.reduce((total, { dollars }) => total + dollars, 0);
  const lines = [
    ['part', ...columns.map(([title]) => title)],
    ['---', ...columns.map(() => '--:')],
    ...parts.map((part, at) => [part, ...bills.map((bill) => cell(bill[at]?.dollars))]),
    ['**a month**', ...bills.map((bill) => `**${cell(sum(bill))}**`)],
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};

/** The table of costs in infra/README.md. */
export const costTable = {
  file: 'infra/README.md',
  render: (current = '') => putBetweenMarks(current, 'costs', table()),
};

import { estimate, plan } from '../cost/estimate.ts';
import { putBetweenMarks } from '../local/markdown-table.ts';

const busy = { 'requests-per-day': 1_000_000, 'open-pages': 100, egress: 'direct' };

const columns = [
  { title: 'development', options: { size: 'development' } },
  { title: 'production', options: {} },
  { title: 'production, direct', options: { egress: 'direct' } },
  { title: 'the same, busy', options: busy },
  { title: 'busy, with Valkey and a domain', options: { ...busy, redis: 'valkey', domain: true } },
];

const table = (): string => {
  const bills = columns.map(({ options }) => estimate(plan.parse(options)));
  const parts = bills[0]?.map(({ what }) => what) ?? [];
  const cell = (dollars = 0) => (dollars < 0.5 ? '0' : String(Math.round(dollars)));
  const sum = (bill: ReturnType<typeof estimate>) => bill.reduce((total, { dollars }) => total + dollars, 0);
  const lines = [
    ['part', ...columns.map(({ title }) => title)],
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

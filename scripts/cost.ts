import { estimate, plan } from './cost/estimate.ts';
import { readOptions } from './local/read-arguments.ts';

const USAGE = `npm run cost -- [--requests-per-day=10000] [--open-pages=0] [--releases-per-month=20]
  [--size=production|development] [--egress=connector|direct] [--machine=e2-micro] [--domain]
  [--redis=instance|cluster|valkey|valkey-cluster|external] [--memory-gb=1] [--shards=3]
  estimates what an installation costs per month, in dollars; the prices are in scripts/cost/prices.ts`;

const parts = estimate(readOptions(USAGE, plan.shape));
const dollars = (value: number): string => `$${value.toFixed(2)}`.padStart(10);
const most = parts.reduce((largest, part) => (part.dollars > largest.dollars ? part : largest));
for (const part of parts) {
  const mark = part === most ? ' <- the largest part' : '';
  console.log(`${dollars(part.dollars)}${part.isConfirmed ? ' ' : '~'} ${part.what.padEnd(24)} ${part.why}${mark}`);
}
console.log(`${dollars(parts.reduce((sum, part) => sum + part.dollars, 0))}  a month`);
console.log(`To pay less: ${most.advice}.`);
console.log('~ marks a price that could not be confirmed. scripts/cost/prices.ts names its source.');

import { manifest } from '../../functions/manifest.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import type { Generator } from './generator.ts';

/** Google's account ids have 6 to 30 characters, so the short names of functions get a beginning. */
export const serviceAccountOf = (name: string): string => `fn-${name}`;

const entryOf = ({ name, summary, access }: FunctionDefinition) => [
  name,
  { summary, access, service_account: serviceAccountOf(name) },
];

/** What Terraform needs to know of each function. */
export const functionsJson: Generator = {
  file: 'infra/functions.json',
  render: () => `${JSON.stringify(Object.fromEntries(manifest.map(entryOf)), null, 2)}\n`,
};

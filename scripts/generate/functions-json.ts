import { manifest } from '../../functions/manifest.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import type { Route } from '../../shared/http/route.ts';

/** Google's account ids have 6 to 30 characters, so the short names of functions get a beginning. */
export const serviceAccountOf = (name: string): string => `fn-${name}`;

const methodsOf = ([path, all]: [string, readonly Route[]]) => [path, all.map(({ method }) => method).join(' ')];

const entryOf = ({ name, summary, access, deploy, routes }: FunctionDefinition) => [
  name,
  {
    summary,
    access,
    service_account: serviceAccountOf(name),
    max_instances: deploy.max_instances,
    routes: Object.fromEntries([...Map.groupBy(routes, ({ path }) => path)].map(methodsOf)),
  },
];

/** What Terraform needs to know of each function. */
export const functionsJson = {
  file: 'infra/functions.json',
  render: () => `${JSON.stringify(Object.fromEntries(manifest.map(entryOf)), null, 2)}\n`,
};

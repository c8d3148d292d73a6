import { manifest } from '../../functions/manifest.ts';
import type { FunctionDefinition } from '../../shared/http/function.ts';
import { putBetweenMarks } from '../local/markdown-table.ts';

/** Google requires 6 to 30 characters, so the prefix keeps the short names valid. */
export const serviceAccountOf = (name: string): string => `fn-${name}`;

const methodsByPath = ({ routes }: FunctionDefinition): [path: string, methods: string[]][] =>
  [...Map.groupBy(routes, ({ path }) => path)].map(([path, group]) => [path, group.map(({ method }) => method)]);

const tableRow = (definition: FunctionDefinition): string => {
  const { name, summary, access } = definition;
  const routes = methodsByPath(definition).map(([path, methods]) => `${methods.join(', ')} ${path}`);
  return `| [\`${name}\`](functions/${name}) | ${summary} | ${routes.join(' · ')} | ${access} |`;
};

/** The table of endpoints in the README. */
export const readmeTable = {
  file: 'README.md',
  render: (current = '') => {
    const rows = ['| function | what for | routes | access |', '|---|---|---|---|', ...manifest.map(tableRow)];
    return putBetweenMarks(current, 'endpoints', rows.join('\n'));
  },
};

const terraformEntry = (definition: FunctionDefinition) => {
  const { name, summary, access, deploy } = definition;
  return {
    summary,
    access,
    service_account: serviceAccountOf(name),
    max_instances: deploy.max_instances,
    routes: Object.fromEntries(methodsByPath(definition).map(([path, methods]) => [path, methods.join(' ')])),
  };
};

/** What Terraform needs to know about each function. */
export const functionsJson = {
  file: 'infra/functions.json',
  render: () => {
    const entries = manifest.map((definition) => [definition.name, terraformEntry(definition)]);
    return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
  },
};

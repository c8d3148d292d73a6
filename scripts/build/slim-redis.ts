import metadata from '@redis/client/dist/lib/command-metadata/command-metadata-data.js';
import type { Plugin } from 'esbuild';
import { COMMANDS } from '../../shared/redis/single-client.ts';

/*
 * node-redis has 400 commands, sentinels and metrics: a megabyte that every cold start would read. The bundles contain
 * its client with only the project's COMMANDS. They load its cluster client only when a cluster is configured.
 */

const LIBRARY = '@redis/client/dist/lib';

/** Commands that the client and the cluster client send on their own. */
const INTERNAL = {
  AUTH: 'AUTH',
  CLIENT_SETNAME: 'CLIENT_SETNAME',
  READONLY: 'READONLY',
  clusterSlots: 'CLUSTER_SLOTS',
};

const ENTRY = `
  export * from '${LIBRARY}/errors.js';
  import client from '${LIBRARY}/client/index.js';
  export const createClient = client.create;
  export const createCluster = (options) => require('${LIBRARY}/cluster/index.js').default.create(options);
`;

const commandsModule = (): string => {
  const files = { ...INTERNAL, ...Object.fromEntries(COMMANDS.map((name) => [name, name.toUpperCase()])) };
  const lines = Object.entries(files).map(([name, file]) => `${name}: require('./${file}.js').default,`);
  return `exports.__esModule = true;\nexports.default = exports.NON_STICKY_COMMANDS = {\n${lines.join('\n')}\n};`;
};

/** How a cluster routes each command. node-redis would build tables for all 400 at every start, cluster or not. */
const metadataModule = (): string => {
  const names = [...COMMANDS, ...Object.values(INTERNAL)].map((name) => name.toLowerCase().replace(/_.*/, ''));
  const all = Object.entries(metadata.COMMAND_METADATA.std ?? {});
  const std = Object.fromEntries(all.filter(([name]) => names.includes(name)));
  return `exports.COMMAND_METADATA = ${JSON.stringify({ std })};`;
};

export const slimRedis: Plugin = {
  name: 'slim-redis',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^redis$/ }, () => ({ path: 'redis', namespace: 'slim' }));
    onLoad({ filter: /^redis$/, namespace: 'slim' }, () => ({ contents: ENTRY, resolveDir: '.' }));
    onLoad({ filter: /@redis[/\\]client[/\\]dist[/\\]lib[/\\]commands[/\\]index\.js$/ }, () => ({
      contents: commandsModule(),
    }));
    onLoad({ filter: /command-metadata-data\.js$/ }, () => ({ contents: metadataModule() }));
  },
};

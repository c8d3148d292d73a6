import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { manifest } from '../functions/manifest.ts';
import { compileCache, startingNode } from './build/compile-cache.ts';
import { slimRedis } from './build/slim-redis.ts';

/*
 * Builds `dist/`: the entry that `main` of package.json names, and one bundle per function and for `api`. The bundles
 * exclude the framework, because its command line has already loaded it and holds the registry, and Secret Manager,
 * because it is loaded only when a secret is configured.
 */

const OUT = 'dist';

// The other commands' helper is not available: of scripts, only this file and its folder are uploaded.
if (process.argv.includes('--help')) {
  console.log('npm run build\n  builds dist/: one bundle per function and for api, and their compile cache');
  process.exit(0);
}

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minifySyntax: true,
  // Small files start faster. The line limit keeps the source line of a fatal error readable.
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: 'none',
  external: ['@google-cloud/functions-framework', '@google-cloud/secret-manager'],
  plugins: [slimRedis],
  logLevel: 'warning',
};

const camelCase = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const entryOf = (name: string): string =>
  [
    `import { ${camelCase(name)} } from './functions/${name}/index.ts';`,
    `import { register } from './functions/register.ts';`,
    `register([${camelCase(name)}]);`,
  ].join('\n');

const bundle = (name: string, contents: string) =>
  build({ ...common, stdin: { contents, resolveDir: '.', loader: 'ts' }, outfile: `${OUT}/${name}.cjs` });

const node = startingNode(process.env.PATH ?? '');

/** Loads what a start loads, the framework included, so that the compiled code is in the compile cache. */
const warm = (target: string) =>
  promisify(execFile)(
    node,
    ['-e', `require('@google-cloud/functions-framework/testing'); require('./${OUT}/index.cjs')`],
    { env: { NODE_ENV: 'production', FUNCTION_TARGET: target, ...compileCache('.') } },
  );

await rm(OUT, { recursive: true, force: true });
await Promise.all([
  build({ ...common, entryPoints: ['functions/entry.ts'], outfile: `${OUT}/index.cjs` }),
  bundle('api', `import './functions/index.ts';`),
  ...manifest.map(({ name }) => bundle(name, entryOf(name))),
]);
await Promise.all(['api', ...manifest.map(({ name }) => name)].map(warm));

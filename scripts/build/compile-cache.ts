import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * What V8 compiled at build time, in a folder of `dist/`: with these in the environment a start spares the compiling,
 * the framework's own files included. Node keeps it apart by version, processor and user: where one of them differs,
 * a start compiles as if there were none. Google's images build and run as the same user (33).
 * @param root folder that holds `dist/`
 */
export const compileCache = (root: string): Readonly<Record<string, string>> => ({
  NODE_COMPILE_CACHE: `${root}/dist/compile-cache`,
  NODE_COMPILE_CACHE_PORTABLE: '1',
});

/**
 * The Node that will start what is built, and so must fill its compile cache. Google's image starts functions with a
 * Node 24 of its own, which `npm run` hides behind the project's pinned one.
 * @param path folders as in PATH
 * @returns the machine's own Node where it is one like Google's, else the Node of this process
 */
export const startingNode = (path: string): string => {
  const folders = path.split(delimiter).filter((folder) => !folder.endsWith(join('node_modules', '.bin')));
  const node = folders.map((folder) => join(folder, 'node')).find(existsSync);
  if (node === undefined) return process.execPath;
  const { stdout } = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return stdout?.startsWith('24.') ? node : process.execPath;
};

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Environment variables that let a start reuse the code that V8 compiled at build time, the framework's included. The
 * cache depends on Node's version, the processor and the user. If one differs, the start compiles as if there were no
 * cache. Google's images build and run as the same user (33).
 * @param root the folder that contains `dist/`
 */
export const compileCache = (root: string): Readonly<Record<string, string>> => ({
  NODE_COMPILE_CACHE: `${root}/dist/compile-cache`,
  NODE_COMPILE_CACHE_PORTABLE: '1',
});

/**
 * The Node that will start the functions, and must therefore fill their compile cache. Google's image starts them with
 * its own Node 24, while `npm run` puts the project's pinned Node first on the PATH.
 * @param path the value of PATH
 * @returns the machine's own Node if it is version 24, else the Node of this process
 */
export const startingNode = (path: string): string => {
  const folders = path.split(delimiter).filter((folder) => !folder.endsWith(join('node_modules', '.bin')));
  const node = folders.map((folder) => join(folder, 'node')).find(existsSync);
  if (node === undefined) return process.execPath;
  const { stdout } = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return stdout?.startsWith('24.') ? node : process.execPath;
};

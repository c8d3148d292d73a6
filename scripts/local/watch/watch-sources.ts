import { type FSWatcher, globSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Long enough for a save in several steps (truncate, write, rename) to count as one change. */
const SETTLE_MS = 40;

/** Leaves out tests, and the temporary files of editors. */
const isSource = (name: string): boolean => /^[^.#].*\.(ts|css|json)$/.test(name) && !name.endsWith('.test.ts');

/**
 * Calls `onChange` with the paths that changed under `roots`. It watches each folder, because Node's recursive watch
 * loses a file when an editor renames a new one into its place.
 * @returns a function that stops it
 */
export const watchSources = (roots: readonly string[], onChange: (paths: readonly string[]) => void): (() => void) => {
  const watchers = new Map<string, FSWatcher>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const unwatch = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const watchFolder = (folder: string): void => {
    const watcher = watch(folder, (_, name) => {
      if (name !== null && isSource(name)) changed.add(join(folder, name));
      clearTimeout(timer);
      timer = setTimeout(settle, SETTLE_MS);
    });
    watchers.set(
      folder,
      watcher.on('error', () => unwatch(folder)),
    );
  };
  const settle = (): void => {
    const folders = globSync(roots.map((root) => `${root}/**/`));
    for (const folder of watchers.keys()) if (!folders.includes(folder)) unwatch(folder);
    for (const folder of folders) {
      if (watchers.has(folder)) continue;
      watchFolder(folder);
      // Files may have been created before the new folder was watched.
      for (const path of globSync(`${folder}/*`)) if (isSource(path)) changed.add(path);
    }
    const paths = [...changed];
    changed.clear();
    if (paths.length > 0) onChange(paths);
  };
  for (const folder of globSync(roots.map((root) => `${root}/**/`))) watchFolder(folder);
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
};

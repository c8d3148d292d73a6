import { type FSWatcher, globSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Long enough for a save in several steps (truncate, write, rename) to be one change. */
const SETTLE_MS = 40;

/** What the functions are made of. Tests, and what editors write while they save, are not. */
const isSource = (name: string): boolean => /^[^.#].*\.(ts|css|json)$/.test(name) && !name.endsWith('.test.ts');

/**
 * Calls `onChange` with the paths that changed under `roots`. It watches folders: a file's own watcher is lost when an
 * editor puts a new file in its place.
 * @returns ends the watching
 */
export const watchSources = (roots: readonly string[], onChange: (paths: readonly string[]) => void): (() => void) => {
  const watchers = new Map<string, FSWatcher>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const settle = (): void => {
    timer = undefined;
    watchFolders();
    const paths = [...changed];
    changed.clear();
    if (paths.length > 0) onChange(paths);
  };
  const notice = (path: string | undefined): void => {
    if (path !== undefined) changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(settle, SETTLE_MS);
  };
  const watchFolder = (folder: string): void => {
    const watcher = watch(folder, (_, name) => notice(name && isSource(name) ? join(folder, name) : undefined));
    const forget = () => {
      watcher.close();
      watchers.delete(folder);
    };
    watcher.on('error', forget);
    watchers.set(folder, watcher);
  };
  /** Also folders that are new. What they hold may have come before their watcher, so it counts as changed. */
  const watchFolders = (isFirst = false): void => {
    const folders = new Set(globSync(roots.map((root) => `${root}/**/`)));
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of folders) {
      if (watchers.has(folder)) continue;
      watchFolder(folder);
      if (!isFirst) for (const path of globSync(`${folder}/*`)) if (isSource(path)) changed.add(path);
    }
  };
  watchFolders(true);
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
};

import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchSources } from './watch-sources.ts';

let root: string;
let end: () => void;
let seen: Set<string>;
let heard: () => void;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'watch-'));
  await mkdir(join(root, 'items'));
  await writeFile(join(root, 'items', 'index.ts'), '');
  seen = new Set();
  heard = () => {};
  end = watchSources([root], (paths) => {
    for (const path of paths) seen.add(path.slice(root.length + 1));
    heard();
  });
});
afterEach(async () => {
  end();
  await rm(root, { recursive: true });
});

/** Waits until exactly these paths have changed, and then clears the list. */
const changed = async (...paths: string[]): Promise<void> => {
  while (!paths.every((path) => seen.has(path))) await new Promise<void>((resolve) => (heard = resolve));
  expect([...seen].sort()).toEqual(paths.toSorted());
  seen.clear();
};

const save = (path: string, text = 'x') => writeFile(join(root, path), text);
const renameSave = async (path: string): Promise<void> => {
  await save(`${path}~`);
  await rename(join(root, `${path}~`), join(root, path));
};

describe('watching the sources', () => {
  it('notices 20 saves in place and 20 by renaming, alternately', async () => {
    for (let time = 0; time < 20; time += 1) {
      await save('items/index.ts', String(time));
      await changed('items/index.ts');
      await renameSave('items/index.ts');
      await changed('items/index.ts');
    }
  });

  it('notices a file in a new folder', async () => {
    await mkdir(join(root, 'more', 'deep'), { recursive: true });
    await save('more/deep/index.ts');
    await changed('more/deep/index.ts');
    await save('more/deep/index.ts', 'changed');
    await changed('more/deep/index.ts');
  });

  it('notices a deleted file', async () => {
    await rm(join(root, 'items', 'index.ts'));
    await changed('items/index.ts');
  });

  it('ignores tests, Markdown and temporary files of editors', async () => {
    for (const name of ['a.test.ts', 'README.md', '.a.ts.swp', '4913', 'a.ts~', 'sedAb12', '.#a.ts']) {
      await save(`items/${name}`);
    }
    await save('items/route.ts');
    await changed('items/route.ts');
  });
});
